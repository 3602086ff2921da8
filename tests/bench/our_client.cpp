// Our client as the engine drives it, without the engine's thread.
#include "client_subject.h"

#include "core/lab/driver.h"
#include "core/net/socket_network.h"

#include <QCoreApplication>
#include <QDeadlineTimer>

#include <algorithm>
#include <chrono>
#include <stdexcept>

namespace sessionscope::bench {

namespace {

constexpr std::chrono::seconds patience{20};
constexpr ClientKey key{1};
constexpr std::uint64_t atOnce = 100; // commands between two flushes

class OurClient final : public ClientSubject
{
public:
    void connect(std::uint16_t port) override
    {
        Endpoint endpoint;
        endpoint.port = port;
        m_driver.submit(AddClient{key, "subject", endpoint});
        ConnectPacket packet;
        packet.clientId = "subject";
        packet.properties.add(PropertyId::ReceiveMaximum, 65'535);
        m_driver.submit(ClientDo{key, ConnectCommand{packet}});
        waitFor([this] { return session().connack.has_value(); }, "CONNACK");
    }

    void subscribe(std::string_view topic, int qos) override
    {
        const SubscribePacket::Entry entry{bytes(topic), {.maximumQos = Qos(qos)}};
        m_driver.submit(ClientDo{key, SubscribeCommand{{entry}, {}}});
        waitFor([this] { return received(PacketType::Suback) == 1; }, "SUBACK");
    }

    void publish(std::string_view topic, const std::string &payload, int qos, std::uint64_t count) override
    {
        Message message;
        message.topic = bytes(topic);
        message.payload = bytes(payload);
        message.qos = Qos(qos);
        const LabCommand command = ClientDo{key, PublishCommand{message}};
        for (std::uint64_t sent = 0; sent < count;) {
            for (const auto end = std::min(sent + atOnce, count); sent < end; ++sent)
                m_driver.carryOut(command);
            m_driver.flush();
            QCoreApplication::processEvents();
        }
        const auto isDone = [&] {
            return qos == 0 ? m_lab.trace.counters().sent[quint8(PacketType::Publish)] == count &&
                                  m_network.unsentBytes(m_lab.clients.at(key).link) == 0
                            : received(PacketType::Puback) == count;
        };
        waitFor(isDone, "end of the messages");
    }

    void receive(std::uint64_t count, const Progress &progress) override
    {
        const auto isDone = [&] {
            const quint64 delivered = m_lab.clients.at(key).delivered;
            progress(delivered);
            return delivered == count;
        };
        waitFor(isDone, "messages");
    }

private:
    static QByteArray bytes(std::string_view text) { return {text.data(), qsizetype(text.size())}; }
    const ClientSession &session() const { return m_lab.clients.at(key).session; }
    quint64 received(PacketType type) const { return m_lab.trace.counters().received[quint8(type)]; }

    template<class Condition> void waitFor(Condition condition, const char *what)
    {
        const QDeadlineTimer deadline(patience);
        while (!condition()) {
            if (deadline.hasExpired())
                throw std::runtime_error(std::string("ours: no ") + what + " within 20 s");
            QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents);
        }
    }

    Instant now() const
    {
        return Instant(std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - m_start));
    }

    const std::chrono::steady_clock::time_point m_start = std::chrono::steady_clock::now();
    Lab m_lab;
    SocketNetwork m_network;
    Driver m_driver{m_lab, m_network, [this] { return now(); }};
};

} // namespace

std::unique_ptr<ClientSubject> makeOurClient()
{
    return std::make_unique<OurClient>();
}

} // namespace sessionscope::bench
