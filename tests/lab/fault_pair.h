// A publisher and a subscriber on one topic of the bundled broker, one of them with faults: what the tests of faults
// stand on.
#pragma once

#include "core/trace/text.h"
#include "tests/lab/world.h"

namespace sessionscope {

inline PacketMatch sent(PacketType type)
{
    return {.direction = Direction::Sent, .type = type};
}

inline PacketMatch received(PacketType type)
{
    return {.direction = Direction::Received, .type = type};
}

inline Fault cutAt(const PacketMatch &match, Moment moment, CloseHow how = CloseHow::Reset)
{
    return {match, CutFault{.moment = moment, .how = how}};
}

/// A publisher and a subscriber on one topic, one of them with faults.
struct Pair : World
{
    ClientKey s;
    ClientKey p;

    explicit Pair(Qos qos, const ConnectOptions &options = {})
    {
        s = addConnected("S", options);
        p = addConnected("P", options);
        subscribe(s, "t", qos);
        mark();
    }
    void arm(ClientKey key, const Fault &fault) { submit(ArmFault{key, fault}); }
    bool isConnected(ClientKey key) const { return view(key).connection == ClientConnection::Connected; }
    /// What the first open exchange of the client, and of the broker with it, waits for; Reserved: none is open.
    PacketType clientWaitsFor(ClientKey key) const { return waitsFor(view(key).sent); }
    PacketType brokerWaitsFor(const QByteArray &clientId) const { return waitsFor(serverView(clientId)->sent); }
    /// Faults that acted, each with the packet that the trace names as its cause.
    QStringList faultLines() const
    {
        QStringList lines;
        const Trace &trace = lab().trace;
        for (TraceSeq seq = trace.first(); seq <= trace.last(); ++seq.value) {
            const TraceRecord record = *trace.record(seq);
            if (std::holds_alternative<FaultTrace>(record.what))
                lines.append(eventText(record));
        }
        return lines;
    }

private:
    static PacketType waitsFor(const QList<ExchangeView> &exchanges)
    {
        return exchanges.isEmpty() ? PacketType::Reserved : exchanges.first().waitsFor;
    }
};

/// No exchange is open.
constexpr auto none = PacketType::Reserved;

} // namespace sessionscope
