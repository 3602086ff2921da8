// What misbehaving brokers and clients have in common: the list that a step comes to, packets that are spoiled in the
// same way whoever sends them, identifiers that stand for others, and packets that wait to be overtaken.
#pragma once

#include "core/base/instant.h"
#include "core/base/link_id.h"
#include "core/lab/misbehaviour.h"
#include "core/mqtt/packet.h"

#include <algorithm>
#include <map>
#include <variant>
#include <vector>

namespace sessionscope {

/// One time that a way acted.
template<class Way> struct Misdeed
{
    enum class About : quint8
    {
        Event, ///< what was made of the event, of the state that it met, or of an effect that is gone
        Packet ///< the effect before it in the list is not as it should be
    };
    Way way{};
    About about = About::Event;
    LinkId link;    ///< of a broker
    QString detail; ///< "without DUP", "PUBACK #1 is withheld"
};

/// What one step of an end came to: effects to carry out, and behind them what was done to them.
template<class Way, class Effect> using MisledEffects = std::vector<std::variant<Effect, Misdeed<Way>>>;

/// How long a packet waits to be overtaken by the next of its kind.
inline constexpr Duration overtakenWithin = std::chrono::seconds(1);

/// A packet that waits to be overtaken.
template<class Way, class Effect> struct HeldBack
{
    Effect effect;
    Way way{};
    LinkId link;
    QString name;
    Instant until;
};

/// Packet Identifiers that are others on the wire, until their exchange is over.
class RenamedIds
{
public:
    /// The identifier on the wire; isFree tells of which there is no exchange.
    template<class IsFree> PacketId rename(PacketId own, IsFree isFree)
    {
        const auto known = m_wire.find(own);
        if (known != m_wire.end())
            return known->second;
        PacketId wire{quint16(own.value ^ 0x8000)};
        while (wire == PacketId{} || wire == own || !isFree(wire) || ownIdOf(wire) != wire)
            ++wire.value;
        return m_wire[own] = wire;
    }
    PacketId wireIdOf(PacketId own) const
    {
        const auto known = m_wire.find(own);
        return known == m_wire.end() ? own : known->second;
    }
    PacketId ownIdOf(PacketId wire) const
    {
        const auto known = std::ranges::find(m_wire, wire, [](const auto &entry) { return entry.second; });
        return known == m_wire.end() ? wire : known->first;
    }
    void forget(PacketId own) { m_wire.erase(own); }

private:
    std::map<PacketId, PacketId> m_wire; ///< by the engine's own identifier
};

/// What is wrong with one packet, for the trace.
template<class Way> using Spoils = std::vector<std::pair<Way, QString>>;

inline bool isAboveQos0(const PublishPacket &publish)
{
    return publish.qos != Qos::AtMostOnce;
}

/// A PUBLISH as these ways have it; which of them mattered.
template<class Way> Spoils<Way> spoil(PublishPacket &publish, const Ways<Way> &ways)
{
    Spoils<Way> spoils;
    const auto with = [&](Way way, bool concerns, const QString &detail, auto change) {
        if (!ways.has(way) || !concerns)
            return;
        change();
        spoils.emplace_back(way, detail);
    };
    const bool needsId = isAboveQos0(publish);
    with(Way::ResendWithoutDup, publish.dup, QStringLiteral("without DUP"), [&] { publish.dup = false; });
    with(Way::DupOnFirstSend, needsId && !publish.dup && spoils.empty(), QStringLiteral("with DUP"),
         [&] { publish.dup = true; });
    with(Way::PacketIdZero, needsId, QStringLiteral("instead of #%1").arg(publish.packetId.value),
         [&] { publish.packetId = {}; });
    with(Way::WildcardInTopic, !publish.topic.isEmpty(), QStringLiteral("with a wildcard"),
         [&] { publish.topic += "/#"; });
    with(Way::Qos3, true, QStringLiteral("instead of QoS %1").arg(quint8(publish.qos)), [&] { publish.qos = Qos(3); });
    return spoils;
}

/// The way that keeps acknowledgements of this type back.
template<class Way> Way withholdingOf(PacketType type)
{
    switch (type) {
    case PacketType::Puback:
        return Way::WithholdsPuback;
    case PacketType::Pubrec:
        return Way::WithholdsPubrec;
    case PacketType::Pubrel:
        return Way::WithholdsPubrel;
    default:
        return Way::WithholdsPubcomp;
    }
}

/// PUBACK and PUBREC: the receiver's first answer.
inline bool isFirstAnswer(PacketType type)
{
    return type == PacketType::Puback || type == PacketType::Pubrec;
}

inline PacketId idAfter(PacketId id)
{
    return PacketId{quint16(id.value == 0xFFFF ? 1 : id.value + 1)};
}

/// "PUBACK #1"
inline QString ackName(PacketType type, PacketId id)
{
    return QStringLiteral("%1 #%2").arg(QLatin1String(packetTypeName(type))).arg(id.value);
}

} // namespace sessionscope
