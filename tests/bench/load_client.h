// One MQTT client of the load generator, made to cost as little as possible: it writes fixed bytes, counts what arrives
// and acknowledges it. It is no client for any other purpose: it believes whatever a broker sends.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sessionscope::bench {

/// Bytes of the packets that the load is made of.
namespace packets {
std::string connect311(std::string_view clientId, bool cleanSession = true);
/// Version 5.0, clean, Receive Maximum as large as can be, so that the broker's own limit is what counts.
std::string connect5(std::string_view clientId);
std::string subscribe(std::string_view filter, int qos, int version);
/// Version 3.1.1. packetId is written when qos is above 0.
std::string publish(std::string_view topic, std::string_view payload, int qos, std::uint16_t packetId = 0);
std::string_view disconnect();
} // namespace packets

class LoadClient
{
public:
    /// Connects to 127.0.0.1; throws std::runtime_error with the system's words.
    explicit LoadClient(std::uint16_t port);
    ~LoadClient();
    LoadClient(const LoadClient &) = delete;
    LoadClient &operator=(const LoadClient &) = delete;

    int descriptor() const { return m_descriptor; }
    void queue(std::string_view bytes) { m_out.append(bytes); }
    std::size_t queued() const { return m_out.size() - m_written; }
    /// Writes what is queued as far as the socket takes it. False when the connection is gone.
    bool write();
    /// Reads once and counts; acknowledgements are queued. False when the connection is gone.
    bool read();

    std::uint64_t connacks = 0;
    std::uint64_t subacks = 0;
    std::uint64_t publishes = 0;
    std::uint64_t completed = 0; ///< PUBACK and PUBCOMP

private:
    std::size_t takeFrame(const unsigned char *bytes, std::size_t size);
    void handle(const unsigned char *frame, std::size_t headerSize, std::size_t available);
    void acknowledge(unsigned char firstByte, const unsigned char *packetId);

    int m_descriptor = -1;
    std::string m_out;
    std::size_t m_written = 0;
    std::string m_begun;    // the start of a frame that is not complete
    std::size_t m_skip = 0; // bytes of a large frame that are still to come
};

} // namespace sessionscope::bench
