// SPDX-License-Identifier: Apache-2.0
#include "daemon/ctl/files.hpp"

#include "daemon/ctl/table.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>

namespace gatehouse::ctl {

namespace {

Sentence because(const std::string& file, int number) {
    const auto shown = printable(file);
    switch (number) {
    case ENOENT: return {shown + "：没有这个文件或目录", shown + ": no such file or directory"};
    case EACCES: return {shown + "：无权访问（用 sudo？）", shown + ": permission denied (sudo?)"};
    case EEXIST: return {shown + "：已存在，不会覆盖；换个文件名", shown + ": exists and is not overwritten; take another name"};
    case ENOSPC: return {shown + "：磁盘已满", shown + ": the disk is full"};
    default: return {shown + "：" + std::strerror(number), shown + ": " + std::strerror(number)};
    }
}

} // namespace

OrSentence<std::string> read_whole(const std::string& file) {
    errno = 0;
    std::ifstream stream(file, std::ios::binary);
    if (!stream) return because(file, errno);
    std::string text(named_file_bytes_max + 1, '\0');
    stream.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (stream.bad()) return because(file, EIO);
    text.resize(static_cast<std::size_t>(stream.gcount()));
    if (text.size() > named_file_bytes_max) return because(file, EFBIG);
    return text;
}

OrSentence<std::string> read_secret(const std::string& file) {
    struct stat about {};
    if (::stat(file.c_str(), &about) != 0) return because(file, errno);
    const auto shown = printable(file);
    if ((about.st_mode & (S_IRWXG | S_IRWXO)) != 0)
        return Sentence{shown + "：其他用户可读：chmod 600 " + shown, shown + ": others may read it: chmod 600 " + shown};
    auto text = read_whole(file);
    if (!text) return text.error();
    auto line = text->substr(0, text->find('\n'));
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (line.empty()) return Sentence{shown + "：首行应为密码", shown + ": its first line is the password"};
    return line;
}

OrSentence<bool> write_new(const std::string& file, const std::string& text) {
    const int descriptor = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (descriptor < 0) return because(file, errno);
    int failed = 0;
    for (std::size_t written = 0; written < text.size() && failed == 0;) {
        const auto more = ::write(descriptor, text.data() + written, text.size() - written);
        if (more >= 0) written += static_cast<std::size_t>(more);
        if (more < 0 && errno != EINTR) failed = errno;
    }
    if (::close(descriptor) != 0 && failed == 0) failed = errno;
    if (failed == 0) return true;
    ::unlink(file.c_str());
    return because(file, failed);
}

} // namespace gatehouse::ctl
