// A client whose cost is measured: ours, or one of a library.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace sessionscope::bench {

/// Everything happens on the caller's thread; what does not come within 20 s ends with std::runtime_error.
class ClientSubject
{
public:
    using Progress = std::function<void(std::uint64_t received)>;

    virtual ~ClientSubject() = default;
    /// To 127.0.0.1, until the CONNACK.
    virtual void connect(std::uint16_t port) = 0;
    /// Until the SUBACK.
    virtual void subscribe(std::string_view topic, int qos) = 0;
    /// Until all are written (QoS 0) or acknowledged.
    virtual void publish(std::string_view topic, const std::string &payload, int qos, std::uint64_t count) = 0;
    virtual void receive(std::uint64_t count, const Progress &progress) = 0;
};

std::unique_ptr<ClientSubject> makeOurClient();
#ifdef SESSIONSCOPE_LIBMOSQUITTO
std::unique_ptr<ClientSubject> makeMosquittoClient();
#endif

} // namespace sessionscope::bench
