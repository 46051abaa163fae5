// SPDX-License-Identifier: Apache-2.0
//
// libav's C objects with owners, and its errors as ours. The one header that includes libav.
#pragma once

#include "daemon/base/result.hpp"

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavcodec/bsf.h>
#include <libavformat/avformat.h>
}

#include <memory>
#include <string>

namespace gatehouse::pipelines::av {

struct FreeParameters {
    void operator()(AVCodecParameters* it) const { avcodec_parameters_free(&it); }
};
struct FreeContext {
    void operator()(AVCodecContext* it) const { avcodec_free_context(&it); }
};
struct FreeParser {
    void operator()(AVCodecParserContext* it) const { av_parser_close(it); }
};
struct FreeFilter {
    void operator()(AVBSFContext* it) const { av_bsf_free(&it); }
};
struct FreePacket {
    void operator()(AVPacket* it) const { av_packet_free(&it); }
};
struct FreePicture {
    void operator()(AVFrame* it) const { av_frame_free(&it); }
};
using Picture = std::unique_ptr<AVFrame, FreePicture>;
using Parameters = std::unique_ptr<AVCodecParameters, FreeParameters>;
using Context = std::unique_ptr<AVCodecContext, FreeContext>;
using Parser = std::unique_ptr<AVCodecParserContext, FreeParser>;
using Filter = std::unique_ptr<AVBSFContext, FreeFilter>;
using Packet = std::unique_ptr<AVPacket, FreePacket>;

inline Packet make_packet() { return Packet(av_packet_alloc()); }

/// libav's sentence for a code.
inline std::string words_of(int code) {
    char text[AV_ERROR_MAX_STRING_SIZE] = {};
    av_strerror(code, text, sizeof text);
    return text;
}

} // namespace gatehouse::pipelines::av
