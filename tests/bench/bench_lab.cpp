// What a message costs between two sockets: the lab's step from the bytes of one read to the bytes to be written, with
// a trace of counters (argument 1) and of every packet (argument 0). No system call in it, so its figures are steadier
// than those of bench_broker_throughput and can be counted in instructions.
#include "core/lab/lab.h"

#include <benchmark/benchmark.h>

using namespace sessionscope;

namespace {

constexpr int window = 1000;
const QByteArray topic("bench/load");

// A publisher and a subscriber of one topic, as bytes.
class Scene
{
public:
    Scene(TraceLevel level, Qos qos, int subscribers = 1, qsizetype payloadSize = 16) : m_qos(qos)
    {
        m_lab.trace = Trace(level, {.records = 100'000, .bytes = 64 * 1024 * 1024});
        m_publisher = connect(Version::V311, "pub");
        for (int i = 0; i < subscribers; ++i) {
            m_subscriber = connect(Version::V5, "sub" + QByteArray::number(i));
            const SubscribePacket::Entry entry{topic, {.maximumQos = qos}};
            arrive(m_subscriber, encode({SubscribePacket{{1}, {}, {entry}}}, Version::V5));
        }
        const QByteArray payload(payloadSize, 'p');
        const quint16 count = payloadSize > 1024 || subscribers > 1 ? 10 : window;
        for (quint16 id = 1; id <= count; ++id) {
            const PublishPacket publish{topic, payload, {qos == Qos::AtMostOnce ? quint16(0) : id}, qos};
            m_publishes += encode({publish}, Version::V311);
            m_releases += encode({AckPacket{PacketType::Pubrel, {id}}}, Version::V311);
        }
        m_perWindow = count * subscribers;
    }

    /// Publishes a window of messages and brings it to its end.
    void play()
    {
        arrive(m_publisher, m_publishes);
        if (m_qos == Qos::AtMostOnce)
            return;
        if (m_qos == Qos::AtLeastOnce) {
            arrive(m_subscriber, acks(PacketType::Puback));
        } else {
            arrive(m_publisher, m_releases);
            arrive(m_subscriber, acks(PacketType::Pubrec));
            arrive(m_subscriber, acks(PacketType::Pubcomp));
        }
        m_lastId = next(m_lastId, window);
    }

    int messages() const { return m_perWindow; }

private:
    LinkId connect(Version version, const QByteArray &clientId)
    {
        const LinkId link = dealLink(m_lab);
        step(m_lab, LinkAccepted{link, {}}, m_now, m_effects);
        ConnectPacket packet{.protocolLevel = quint8(version), .clientId = clientId};
        if (version == Version::V5)
            packet.properties.add(PropertyId::ReceiveMaximum, 65'535);
        arrive(link, encode({packet}, version));
        return link;
    }

    void arrive(LinkId link, const QByteArray &bytes)
    {
        m_now += Duration(1);
        step(m_lab, BytesArrived{link, bytes}, m_now, m_effects);
        m_effects.clear();
    }

    // For the whole window: the broker deals its identifiers in sequence.
    QByteArray acks(PacketType type) const
    {
        QByteArray bytes;
        for (quint16 id = m_lastId, i = 0; i < window; ++i) {
            id = next(id);
            encodeTo(bytes, {AckPacket{type, {id}}}, Version::V5);
        }
        return bytes;
    }
    static quint16 next(quint16 id, int steps = 1) { return quint16((id + steps - 1) % 65'535 + 1); }

    Lab m_lab;
    LabEffects m_effects;
    Instant m_now{Duration(1)};
    LinkId m_publisher;
    LinkId m_subscriber;
    QByteArray m_publishes;
    QByteArray m_releases;
    Qos m_qos;
    quint16 m_lastId = 0;
    int m_perWindow = 0;
};

void play(benchmark::State &state, Scene &scene)
{
    for (auto _ : state)
        scene.play();
    state.SetItemsProcessed(state.iterations() * scene.messages());
}

template<Qos qos> void oneToOne(benchmark::State &state)
{
    Scene scene(TraceLevel(state.range(0)), qos);
    play(state, scene);
}

void fanOut(benchmark::State &state)
{
    Scene scene(TraceLevel(state.range(0)), Qos::AtMostOnce, 1000);
    play(state, scene);
}

} // namespace

BENCHMARK(oneToOne<Qos::AtMostOnce>)->Arg(1)->Arg(0);
BENCHMARK(oneToOne<Qos::AtLeastOnce>)->Arg(1)->Arg(0);
BENCHMARK(oneToOne<Qos::ExactlyOnce>)->Arg(1)->Arg(0);
BENCHMARK(fanOut)->Arg(1)->Arg(0);

BENCHMARK_MAIN();
