#include "load_client.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <stdexcept>

namespace sessionscope::bench {

namespace {

// Of a larger frame only the beginning is looked at.
constexpr std::size_t wholeUpTo = 2048;
constexpr std::size_t readSize = 256 * 1024;

void appendField(std::string &out, std::string_view bytes)
{
    out += char(bytes.size() >> 8);
    out += char(bytes.size() & 0xFF);
    out += bytes;
}

std::string packet(unsigned char firstByte, std::string_view body)
{
    std::string out(1, char(firstByte));
    std::size_t length = body.size();
    do {
        const unsigned char digit = length % 128;
        length /= 128;
        out += char(length > 0 ? digit | 0x80 : digit);
    } while (length > 0);
    return out += body;
}

} // namespace

namespace packets {

std::string connect311(std::string_view clientId, bool cleanSession)
{
    std::string body("\x00\x04MQTT\x04", 7);
    body += char(cleanSession ? 2 : 0);
    body += std::string_view("\x00\x00", 2); // no keep alive
    appendField(body, clientId);
    return packet(0x10, body);
}

std::string connect5(std::string_view clientId)
{
    std::string body("\x00\x04MQTT\x05\x02\x00\x00\x03\x21\xFF\xFF", 14);
    appendField(body, clientId);
    return packet(0x10, body);
}

std::string subscribe(std::string_view filter, int qos, int version)
{
    std::string body("\x00\x01", 2);
    if (version == 5)
        body += '\0';
    appendField(body, filter);
    body += char(qos);
    return packet(0x82, body);
}

std::string publish(std::string_view topic, std::string_view payload, int qos, std::uint16_t packetId)
{
    std::string body;
    appendField(body, topic);
    if (qos > 0) {
        body += char(packetId >> 8);
        body += char(packetId & 0xFF);
    }
    body += payload;
    return packet(static_cast<unsigned char>(0x30 | qos << 1), body);
}

std::string_view disconnect()
{
    return {"\xE0\x00", 2};
}

} // namespace packets

LoadClient::LoadClient(std::uint16_t port) : m_descriptor(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0))
{
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (m_descriptor < 0 || connect(m_descriptor, reinterpret_cast<sockaddr *>(&address), sizeof address) != 0) {
        const int error = errno;
        if (m_descriptor >= 0)
            close(m_descriptor);
        throw std::runtime_error(std::string("cannot connect to the broker: ") + std::strerror(error));
    }
    const int on = 1;
    setsockopt(m_descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    fcntl(m_descriptor, F_SETFL, O_NONBLOCK);
}

LoadClient::~LoadClient()
{
    close(m_descriptor);
}

bool LoadClient::write()
{
    while (m_written < m_out.size()) {
        const ssize_t count = send(m_descriptor, m_out.data() + m_written, m_out.size() - m_written, MSG_NOSIGNAL);
        if (count < 0)
            return errno == EAGAIN;
        m_written += std::size_t(count);
    }
    m_out.clear();
    m_written = 0;
    return true;
}

bool LoadClient::read()
{
    static std::vector<unsigned char> buffer(readSize + wholeUpTo);
    const std::size_t before = m_begun.size();
    std::memcpy(buffer.data(), m_begun.data(), before);
    const ssize_t count = recv(m_descriptor, buffer.data() + before, readSize, 0);
    if (count <= 0)
        return count < 0 && errno == EAGAIN;
    const unsigned char *bytes = buffer.data();
    std::size_t size = before + std::size_t(count);
    for (;;) {
        const std::size_t skipped = std::min(m_skip, size);
        m_skip -= skipped;
        bytes += skipped;
        size -= skipped;
        const std::size_t taken = takeFrame(bytes, size);
        if (taken == 0)
            break;
        bytes += taken;
        size -= taken;
    }
    m_begun.assign(reinterpret_cast<const char *>(bytes), size);
    return true;
}

// How many bytes were used, 0 when more are needed first.
std::size_t LoadClient::takeFrame(const unsigned char *bytes, std::size_t size)
{
    std::size_t length = 0;
    std::size_t header = 1;
    for (int shift = 0;; shift += 7) {
        if (header >= size)
            return 0;
        length |= std::size_t(bytes[header] & 0x7F) << shift;
        if (!(bytes[header++] & 0x80))
            break;
    }
    const std::size_t whole = header + length;
    const std::size_t needed = whole <= wholeUpTo ? whole : wholeUpTo / 2;
    if (size < needed)
        return 0;
    handle(bytes, header, std::min(size, whole));
    const std::size_t taken = std::min(size, whole);
    m_skip = whole - taken;
    return taken;
}

void LoadClient::handle(const unsigned char *frame, std::size_t headerSize, std::size_t)
{
    const unsigned char *body = frame + headerSize;
    switch (frame[0] >> 4) {
    case 2:
        ++connacks;
        break;
    case 3: {
        ++publishes;
        const int qos = frame[0] >> 1 & 3;
        if (qos > 0)
            acknowledge(qos == 1 ? 0x40 : 0x50, body + 2 + (body[0] << 8 | body[1]));
        break;
    }
    case 4:
    case 7:
        ++completed;
        break;
    case 5:
        acknowledge(0x62, body);
        break;
    case 6:
        acknowledge(0x70, body);
        break;
    case 9:
        ++subacks;
        break;
    default:
        break;
    }
}

void LoadClient::acknowledge(unsigned char firstByte, const unsigned char *packetId)
{
    const char bytes[] = {char(firstByte), 2, char(packetId[0]), char(packetId[1])};
    m_out.append(bytes, sizeof bytes);
}

} // namespace sessionscope::bench
