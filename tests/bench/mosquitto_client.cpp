// Debian's libmosquitto, driven by its own loop on the caller's thread.
#include "client_subject.h"

#include <mosquitto.h>

#include <chrono>
#include <stdexcept>

namespace sessionscope::bench {

namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::seconds patience{20};
constexpr int waitMilliseconds = 10;
constexpr int packetsAtOnce = 1; // what the library does whatever is asked of it

class MosquittoClient final : public ClientSubject
{
public:
    MosquittoClient()
    {
        mosquitto_lib_init();
        m_client = mosquitto_new("subject", true, this);
        mosquitto_int_option(m_client, MOSQ_OPT_PROTOCOL_VERSION, MQTT_PROTOCOL_V5);
        mosquitto_int_option(m_client, MOSQ_OPT_SEND_MAXIMUM, 65'535);
        mosquitto_int_option(m_client, MOSQ_OPT_RECEIVE_MAXIMUM, 65'535);
        mosquitto_connect_callback_set(m_client, [](mosquitto *, void *self, int) { of(self).m_isConnected = true; });
        mosquitto_subscribe_callback_set(
            m_client, [](mosquitto *, void *self, int, int, const int *) { of(self).m_isSubscribed = true; });
        mosquitto_publish_callback_set(m_client, [](mosquitto *, void *self, int) { ++of(self).m_published; });
        mosquitto_message_callback_set(
            m_client, [](mosquitto *, void *self, const mosquitto_message *) { ++of(self).m_received; });
    }
    ~MosquittoClient() override
    {
        mosquitto_destroy(m_client);
        mosquitto_lib_cleanup();
    }
    MosquittoClient(const MosquittoClient &) = delete;
    MosquittoClient &operator=(const MosquittoClient &) = delete;

    void connect(std::uint16_t port) override
    {
        check(mosquitto_connect(m_client, "127.0.0.1", port, 60));
        waitFor([this] { return m_isConnected; }, "CONNACK");
    }
    void subscribe(std::string_view topic, int qos) override
    {
        check(mosquitto_subscribe(m_client, nullptr, std::string(topic).c_str(), qos));
        waitFor([this] { return m_isSubscribed; }, "SUBACK");
    }
    void publish(std::string_view topic, const std::string &payload, int qos, std::uint64_t count) override
    {
        constexpr std::uint64_t ahead = 1000;
        const std::string name(topic);
        for (std::uint64_t sent = 1; sent <= count; ++sent) {
            check(mosquitto_publish(m_client, nullptr, name.c_str(), int(payload.size()), payload.data(), qos, false));
            if (sent - m_published >= ahead)
                waitFor([&] { return sent - m_published < ahead / 2; }, "room");
        }
        waitFor([&] { return m_published == count; }, "end of the messages");
    }
    void receive(std::uint64_t count, const Progress &progress) override
    {
        const auto isDone = [&] {
            progress(m_received);
            return m_received == count;
        };
        waitFor(isDone, "messages");
    }

private:
    static MosquittoClient &of(void *self) { return *static_cast<MosquittoClient *>(self); }
    static void check(int result)
    {
        if (result != MOSQ_ERR_SUCCESS)
            throw std::runtime_error(std::string("libmosquitto: ") + mosquitto_strerror(result));
    }
    template<class Condition> void waitFor(Condition condition, const char *what)
    {
        const auto begin = Clock::now();
        while (!condition()) {
            if (Clock::now() - begin > patience)
                throw std::runtime_error(std::string("libmosquitto: no ") + what + " within 20 s");
            check(mosquitto_loop(m_client, waitMilliseconds, packetsAtOnce));
        }
    }

    mosquitto *m_client = nullptr;
    bool m_isConnected = false;
    bool m_isSubscribed = false;
    std::uint64_t m_published = 0;
    std::uint64_t m_received = 0;
};

} // namespace

std::unique_ptr<ClientSubject> makeMosquittoClient()
{
    return std::make_unique<MosquittoClient>();
}

} // namespace sessionscope::bench
