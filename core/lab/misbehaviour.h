// Ways in which an end can misbehave on purpose, by name: what a scenario, the command line and the trace call them,
// what they do in a sentence, and which statements that breaks. Carried out by filters over the events and effects of a
// whole step (misbehaving_broker.h, misbehaving_client.h); the engines know of none of them.
#pragma once

#include <QString>
#include <QStringList>

#include <optional>
#include <span>

namespace sessionscope {

/// Of the bundled broker.
enum class BrokerMisbehaviour : quint8
{
    SessionPresentFalse,
    SessionPresentTrue,
    IgnoresCleanStart,
    LeaksOldSession,
    ForgetsSession,
    SessionExpiresEarly,
    SessionNeverExpires,
    ForgetsSubscriptions,
    ForgetsQueue,
    ForgetsInflight,
    KeepsReplacedConnection,
    ConnackTwice,
    PacketBeforeConnack,
    ResendWithoutDup,
    DupOnFirstSend,
    ResendWithNewPacketId,
    ResendWithoutReconnect,
    PublishAgainAfterPubrec,
    LosesMessages,
    Qos2TakenAgain,
    Qos2RoutedTwice,
    OutOfOrder,
    PacketIdZero,
    Qos3,
    WildcardInTopic,
    DowngradesQos,
    UpgradesQos,
    WithholdsPuback,
    WithholdsPubrec,
    WithholdsPubrel,
    WithholdsPubcomp,
    WithholdsSuback,
    WithholdsUnsuback,
    WithholdsPingresp,
    WrongPacketIdInAck,
    AcksTwice,
    AcksOutOfOrder,
    SubackTooFewCodes,
    IgnoresReceiveMaximum,
    IgnoresMaximumPacketSize,
    IgnoresTopicAliasMaximum,
    IgnoresKeepAlive,
    IgnoresUnsubscribe,
    IgnoresNoLocal,
    ForgetsSubscriptionIdentifiers,
    ClearsRetain,
    KeepsRetain,
    ForgetsMessageExpiry,
    MessageExpiryNotCountedDown,
    WillAtDisconnect,
    ForgetsWill,
    WillTwice,
    IgnoresWillDelay,
};

/// Of one of our clients.
enum class ClientMisbehaviour : quint8
{
    ResendWithoutDup,
    DupOnFirstSend,
    ResendWithNewPacketId,
    ResendWithoutReconnect,
    PublishAgainAfterPubrec,
    ForgetsInflight,
    PacketIdZero,
    Qos3,
    WildcardInTopic,
    TopicAliasTooLarge,
    WithholdsPuback,
    WithholdsPubrec,
    WithholdsPubrel,
    WithholdsPubcomp,
    WrongPacketIdInAck,
    AcksTwice,
    AcksOutOfOrder,
    AnswersQos2WithPuback,
    IgnoresReceiveMaximum,
    IgnoresMaximumPacketSize,
    SilentPastKeepAlive,
    SecondConnect,
};

template<class Way> struct MisbehaviourRow
{
    Way way;
    const char *name;       ///< in snake_case
    const char *help;       ///< a sentence without its full stop
    const char *statements; ///< that it breaks, with blanks between; those of 3.1.1 that are alike are left out
};

/// One row a way, in the order of the enumeration.
template<class Way> std::span<const MisbehaviourRow<Way>> misbehaviours();
template<> std::span<const MisbehaviourRow<BrokerMisbehaviour>> misbehaviours();
template<> std::span<const MisbehaviourRow<ClientMisbehaviour>> misbehaviours();

template<class Way> QString misbehaviourName(Way way)
{
    return QString::fromLatin1(misbehaviours<Way>()[std::size_t(way)].name);
}

/// All names, in the order of the table.
template<class Way> QStringList misbehaviourNames()
{
    QStringList names;
    for (const auto &row : misbehaviours<Way>())
        names << QString::fromLatin1(row.name);
    return names;
}

/// Nothing when there is none of this name.
template<class Way> std::optional<Way> misbehaviourOf(const QString &name)
{
    for (const auto &row : misbehaviours<Way>()) {
        if (name == QLatin1String(row.name))
            return row.way;
    }
    return std::nullopt;
}

/// A set of them; empty: well-behaved.
template<class Way> class Ways
{
public:
    void add(Way way) { m_bits |= bit(way); }
    bool has(Way way) const { return (m_bits & bit(way)) != 0; }
    bool isEmpty() const { return m_bits == 0; }
    Ways operator|(const Ways &other) const
    {
        Ways both;
        both.m_bits = m_bits | other.m_bits;
        return both;
    }
    bool operator==(const Ways &) const = default;

private:
    static constexpr quint64 bit(Way way) { return quint64(1) << quint8(way); }
    quint64 m_bits = 0;
};

/// "resend_without_dup, acks_twice"; "none" for the empty set.
template<class Way> QString waysText(const Ways<Way> &ways)
{
    QStringList names;
    for (const auto &row : misbehaviours<Way>()) {
        if (ways.has(row.way))
            names << QString::fromLatin1(row.name);
    }
    return names.isEmpty() ? QStringLiteral("none") : names.join(QStringLiteral(", "));
}

} // namespace sessionscope
