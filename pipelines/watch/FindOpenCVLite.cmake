# SPDX-License-Identifier: Apache-2.0
# Debian has OpenCV's CMake files only in libopencv-dev, with 470 packages. This finds the modules that were asked for one by one:
# find_package(OpenCVLite REQUIRED COMPONENTS core imgproc) makes OpenCVLite::core and OpenCVLite::imgproc.
find_path(OpenCVLite_INCLUDE_DIR opencv2/core.hpp PATH_SUFFIXES opencv4)
mark_as_advanced(OpenCVLite_INCLUDE_DIR)
foreach(module IN LISTS OpenCVLite_FIND_COMPONENTS)
  find_library(OpenCVLite_${module}_LIBRARY opencv_${module})
  mark_as_advanced(OpenCVLite_${module}_LIBRARY)
  if(OpenCVLite_INCLUDE_DIR AND OpenCVLite_${module}_LIBRARY AND EXISTS ${OpenCVLite_INCLUDE_DIR}/opencv2/${module}.hpp)
    set(OpenCVLite_${module}_FOUND TRUE)
    if(NOT TARGET OpenCVLite::${module})
      add_library(OpenCVLite::${module} UNKNOWN IMPORTED)
      set_target_properties(OpenCVLite::${module} PROPERTIES IMPORTED_LOCATION ${OpenCVLite_${module}_LIBRARY}
          INTERFACE_INCLUDE_DIRECTORIES ${OpenCVLite_INCLUDE_DIR})
    endif()
  endif()
endforeach()
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(OpenCVLite REQUIRED_VARS OpenCVLite_INCLUDE_DIR HANDLE_COMPONENTS)
