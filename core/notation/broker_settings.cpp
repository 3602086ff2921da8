#include "core/notation/broker_settings.h"

#include <limits>

namespace sessionscope {

namespace {

using Error = std::optional<UsageError>;
using Kind = Setting::Kind;
constexpr qint64 mostBytes = std::numeric_limits<qint64>::max();

template<class T, class Assign> Error assign(const Parsed<T> &parsed, Assign set)
{
    if (!parsed)
        return parsed.error();
    set(*parsed);
    return std::nullopt;
}

/// How far a number may go: its field's whole range, or what the table says.
template<auto Member, qint64 Least = 0, qint64 Most = 0> Error setNumber(BrokerSettings &settings, const QString &text)
{
    using Field = std::decay_t<decltype(settings.config.*Member)>;
    constexpr qint64 fits = sizeof(Field) < 8 ? qint64(std::numeric_limits<Field>::max()) : mostBytes;
    return assign(parseNumber(text, Least, Most ? Most : fits),
                  [&settings](qint64 value) { settings.config.*Member = Field(value); });
}

template<auto Member> QStringList numberText(const BrokerSettings &settings)
{
    return {QString::number(qint64(settings.config.*Member))};
}

template<auto Member, qint64 Least = 0, qint64 Most = mostBytes>
Error setBytes(BrokerSettings &settings, const QString &text)
{
    using Field = std::decay_t<decltype(settings.config.*Member)>;
    return assign(parseBytes(text, Least, Most), [&settings](qint64 value) { settings.config.*Member = Field(value); });
}

template<auto Member> QStringList sizeText(const BrokerSettings &settings)
{
    return {bytesText(qint64(settings.config.*Member))};
}

template<auto Member, quint32 Most> Error setInterval(BrokerSettings &settings, const QString &text)
{
    using Field = std::decay_t<decltype(settings.config.*Member)>;
    return assign(parseSeconds(text, Most), [&settings](quint32 value) { settings.config.*Member = Field(value); });
}

template<auto Member> QStringList intervalText(const BrokerSettings &settings)
{
    if constexpr (requires { (settings.config.*Member).count(); })
        return {durationText(quint32((settings.config.*Member).count()))};
    else
        return {durationText(settings.config.*Member)};
}

/// A switch whose "true" sets the field to When.
template<auto Member, bool When> Error setSwitch(BrokerSettings &settings, const QString &text)
{
    return assign(parseSwitch(text), [&settings](bool value) { settings.config.*Member = value == When; });
}

template<auto Member, bool When> QStringList switchText(const BrokerSettings &settings)
{
    return {settings.config.*Member == When ? QStringLiteral("true") : QStringLiteral("false")};
}

template<auto Member> Error setPath(BrokerSettings &settings, const QString &text)
{
    if (text.isEmpty())
        return UsageError{QStringLiteral("expected the name of a file")};
    settings.*Member = text;
    return std::nullopt;
}

template<auto Member> QStringList pathText(const BrokerSettings &settings)
{
    const QString &path = settings.*Member;
    return path.isEmpty() ? QStringList() : QStringList{path};
}

Error setListen(BrokerSettings &settings, const QString &text)
{
    const auto endpoint = parseEndpoint(text);
    if (!endpoint)
        return UsageError{endpoint.error()};
    settings.listen.push_back(*endpoint);
    return std::nullopt;
}

QStringList listenText(const BrokerSettings &settings)
{
    QStringList texts;
    for (const Endpoint &endpoint : settings.listen)
        texts << toUrl(endpoint);
    return texts;
}

template<auto Member> Error setTlsFile(BrokerSettings &settings, const QString &text)
{
    if (text.isEmpty())
        return UsageError{QStringLiteral("expected the name of a file")};
    settings.tls.*Member = text;
    return std::nullopt;
}

template<auto Member> QStringList tlsFileText(const BrokerSettings &settings)
{
    const QString &path = settings.tls.*Member;
    return path.isEmpty() ? QStringList() : QStringList{path};
}

Error setLevel(BrokerSettings &settings, const QString &text)
{
    if (text == u"packets")
        settings.trace = TraceLevel::Packets;
    else if (text == u"counters")
        settings.trace = TraceLevel::Counters;
    else if (text == u"off")
        settings.trace = TraceLevel::Off;
    else
        return UsageError{QStringLiteral("\"%1\" is not a level: expected packets, counters or off").arg(text)};
    return std::nullopt;
}

QStringList levelText(const BrokerSettings &settings)
{
    switch (settings.trace) {
    case TraceLevel::Packets:
        return {QStringLiteral("packets")};
    case TraceLevel::Counters:
        return {QStringLiteral("counters")};
    case TraceLevel::Off:
        break;
    }
    return {QStringLiteral("off")};
}

struct OverflowName
{
    const char *name;
    Overflow overflow;
};
constexpr OverflowName overflowNames[] = {
    {"drop-newest", Overflow::DropNewest},
    {"drop-oldest", Overflow::DropOldest},
    {"refuse-publisher", Overflow::RefusePublisher},
    {"end-session", Overflow::EndSession},
};

Error setOverflow(BrokerSettings &settings, const QString &text)
{
    for (const OverflowName &row : overflowNames) {
        if (text == QLatin1String(row.name)) {
            settings.config.overflow = row.overflow;
            return std::nullopt;
        }
    }
    return UsageError{QStringLiteral("\"%1\" is no way: expected drop-newest, drop-oldest, refuse-publisher or "
                                     "end-session")
                          .arg(text)};
}

QStringList overflowText(const BrokerSettings &settings)
{
    return {QString::fromLatin1(overflowNames[quint8(settings.config.overflow)].name)};
}

Error setMaximumExpiry(BrokerSettings &settings, const QString &text)
{
    return assign(parseSeconds(text, sessionNeverExpires, Never::Allowed),
                  [&settings](quint32 value) { settings.config.maximumSessionExpiry = value; });
}

Error setMinimumExpiry(BrokerSettings &settings, const QString &text)
{
    return assign(parseSeconds(text, sessionNeverExpires, Never::Allowed),
                  [&settings](quint32 value) { settings.config.minimumSessionExpiry = value; });
}

using C = BrokerConfig;

const Setting settingTable[] = {
    {"listen", Kind::List, "URL",
     "Where to listen: mqtt://HOST:PORT, mqtts://, ws://HOST:PORT/PATH, wss://, unix:///PATH or HOST:PORT; port 0 "
     "takes a free one.",
     nullptr, setListen, listenText, [](BrokerSettings &s) { s.listen.clear(); }},
    {"tls-cert", Kind::Path, "FILE", "For mqtts and wss: the broker's certificate, with those up to its CA's (PEM).",
     nullptr, setTlsFile<&TlsSettings::certificateFile>, tlsFileText<&TlsSettings::certificateFile>},
    {"tls-key", Kind::Path, "FILE", "Its private key, without a passphrase (PEM).", nullptr,
     setTlsFile<&TlsSettings::keyFile>, tlsFileText<&TlsSettings::keyFile>},
    {"tls-ca", Kind::Path, "FILE", "Demand a certificate of each client, signed by one of these (PEM).",
     "the TLS handshake fails", setTlsFile<&TlsSettings::caFile>, tlsFileText<&TlsSettings::caFile>},

    {"max-connections", Kind::Value, "N", "Clients connected at once.", "CONNACK 0x97 (3.1.1: code 3), close",
     setNumber<&C::maximumConnections>, numberText<&C::maximumConnections>},
    {"max-pending-connections", Kind::Value, "N", "Connections that have not sent an accepted CONNECT.",
     "the new connection is closed", setNumber<&C::maximumPendingConnections, 1>,
     numberText<&C::maximumPendingConnections>},
    {"connect-timeout", Kind::Value, "DURATION", "From a connection's opening to its CONNECT.", "close",
     setInterval<&C::connectTimeout, 86'400>, intervalText<&C::connectTimeout>},
    {"max-connect-size", Kind::Value, "BYTES", "The largest packet before a CONNECT was accepted.", "close",
     setBytes<&C::maximumConnectSize, 128, 268'435'460>, sizeText<&C::maximumConnectSize>},
    {"max-client-id", Kind::Value, "BYTES", "The longest Client Identifier.", "CONNACK 0x85 (3.1.1: code 2), close",
     setBytes<&C::maximumClientIdSize, 1, 65'535>, sizeText<&C::maximumClientIdSize>},
    {"max-keep-alive", Kind::Value, "DURATION", "The longest Keep Alive; 0 takes any.",
     "the client is told a Server Keep Alive (MQTT 5)", setInterval<&C::maximumKeepAlive, 65'535>,
     intervalText<&C::maximumKeepAlive>},

    {"max-sessions", Kind::Value, "N", "Sessions kept at once.", "CONNACK 0x97 (3.1.1: code 3), close",
     setNumber<&C::maximumSessions>, numberText<&C::maximumSessions>},
    {"max-session-expiry", Kind::Value, "DURATION", "The longest Session Expiry Interval granted; never for any.",
     "the client is told the shorter one (MQTT 5)", setMaximumExpiry,
     [](const BrokerSettings &s) {
         return QStringList{durationText(s.config.maximumSessionExpiry.value_or(sessionNeverExpires))};
     }},
    {"min-session-expiry", Kind::Value, "DURATION", "The shortest Session Expiry Interval granted.", nullptr,
     setMinimumExpiry,
     [](const BrokerSettings &s) { return QStringList{durationText(s.config.minimumSessionExpiry)}; }},

    {"max-packet-size", Kind::Value, "BYTES", "The largest packet taken.", "DISCONNECT 0x95, close",
     setBytes<&C::maximumPacketSize, 128, 268'435'460>, sizeText<&C::maximumPacketSize>},
    {"max-qos", Kind::Value, "0|1|2", "The highest QoS.", "DISCONNECT 0x9B, close; a subscription is granted less",
     [](BrokerSettings &s, const QString &text) {
         return assign(parseNumber(text, 0, 2), [&s](qint64 value) { s.config.maximumQos = Qos(value); });
     },
     numberText<&C::maximumQos>},
    {"max-inflight", Kind::Value, "N",
     "QoS 1 and 2 messages that a client may have open at once; before MQTT 5 also those sent to it.",
     "DISCONNECT 0x93, close; towards the client the rest waits", setNumber<&C::receiveMaximum, 1>,
     numberText<&C::receiveMaximum>},
    {"max-held", Kind::Value, "N", "QoS 2 messages without PUBREL of one session, over all its connections.",
     "PUBREC 0x97 (before MQTT 5: close)", setNumber<&C::maximumHeldMessages, 1>, numberText<&C::maximumHeldMessages>},
    {"max-topic-alias", Kind::Value, "N", "Topic aliases a client may set.", "DISCONNECT 0x94, close",
     setNumber<&C::topicAliasMaximum>, numberText<&C::topicAliasMaximum>},

    {"max-queued", Kind::Value, "N", "Messages that wait for one session.",
     "QoS 0 is dropped first, queue full; then as queue-overflow says", setNumber<&C::maximumQueuedMessages>,
     numberText<&C::maximumQueuedMessages>},
    {"max-queued-bytes", Kind::Value, "BYTES", "Their bytes; as much again may be sent and not acknowledged.",
     "the same", setBytes<&C::maximumQueuedBytes>, sizeText<&C::maximumQueuedBytes>},
    {"max-queued-bytes-in-all", Kind::Value, "BYTES",
     "Bytes that wait for all sessions, each copy counted; as much again may be sent and not acknowledged.", "the same",
     setBytes<&C::maximumQueuedBytesInAll>, sizeText<&C::maximumQueuedBytesInAll>},
    {"queue-overflow", Kind::Value, "WAY",
     "What a full queue does: drop-newest or drop-oldest drops a message; refuse-publisher answers the new one's "
     "PUBLISH 0x97 and gives it to nobody (MQTT 5; otherwise, and for wills: drop-newest); end-session.",
     nullptr, setOverflow, overflowText},
    {"max-blocked-bytes", Kind::Value, "BYTES",
     "Bytes that wait for a client that does not read, before QoS 0 is dropped.",
     "QoS 0 while the receiver does not read", setBytes<&C::maximumBlockedBytes>, sizeText<&C::maximumBlockedBytes>},
    {"queue-qos0-offline", Kind::Switch, "true|false", "Let QoS 0 messages wait for offline sessions.", nullptr,
     setSwitch<&C::queueQos0Offline, true>, switchText<&C::queueQos0Offline, true>},

    {"max-subscriptions", Kind::Value, "N", "Subscriptions of one session.", "SUBACK 0x97 (3.1.1: 0x80)",
     setNumber<&C::maximumSubscriptions>, numberText<&C::maximumSubscriptions>},
    {"max-subscriptions-in-all", Kind::Value, "N", "Subscriptions of all sessions.", "SUBACK 0x97 (3.1.1: 0x80)",
     setNumber<&C::maximumSubscriptionsInAll>, numberText<&C::maximumSubscriptionsInAll>},
    {"max-subscription-bytes", Kind::Value, "BYTES", "Bytes of the filters of one session.",
     "SUBACK 0x97 (3.1.1: 0x80)", setBytes<&C::maximumSubscriptionBytes>, sizeText<&C::maximumSubscriptionBytes>},
    {"max-subscription-bytes-in-all", Kind::Value, "BYTES", "Bytes of the filters of all sessions.",
     "SUBACK 0x97 (3.1.1: 0x80)", setBytes<&C::maximumSubscriptionBytesInAll>,
     sizeText<&C::maximumSubscriptionBytesInAll>},
    {"max-topic-levels", Kind::Value, "N", "Levels of a filter or a retained message's topic.",
     "SUBACK, PUBACK, PUBREC or CONNACK 0x97", setNumber<&C::maximumTopicLevels, 1, 1'000>,
     numberText<&C::maximumTopicLevels>},
    {"max-retained", Kind::Value, "N", "Retained messages.", "PUBACK or PUBREC 0x97; a will goes out and is not kept",
     setNumber<&C::maximumRetained>, numberText<&C::maximumRetained>},
    {"max-retained-bytes", Kind::Value, "BYTES", "Their bytes.", "the same", setBytes<&C::maximumRetainedBytes>,
     sizeText<&C::maximumRetainedBytes>},

    {"no-retain", Kind::Switch, "true|false", "Keep no retained messages.", nullptr,
     setSwitch<&C::retainAvailable, false>, switchText<&C::retainAvailable, false>},
    {"no-wildcard", Kind::Switch, "true|false", "Refuse subscriptions with wildcards.", nullptr,
     setSwitch<&C::wildcardSubscriptionAvailable, false>, switchText<&C::wildcardSubscriptionAvailable, false>},
    {"no-shared", Kind::Switch, "true|false", "Refuse shared subscriptions.", nullptr,
     setSwitch<&C::sharedSubscriptionAvailable, false>, switchText<&C::sharedSubscriptionAvailable, false>},
    {"no-subscription-ids", Kind::Switch, "true|false", "Refuse Subscription Identifiers.", nullptr,
     setSwitch<&C::subscriptionIdentifierAvailable, false>, switchText<&C::subscriptionIdentifierAvailable, false>},

    {"no-shared-before-5", Kind::Switch, "true|false", "Refuse shared subscriptions of clients before MQTT 5.", nullptr,
     setSwitch<&C::sharesWithV5Only, true>, switchText<&C::sharesWithV5Only, true>},
    {"close-refused", Kind::Switch, "true|false",
     "Before MQTT 5, where an acknowledgement cannot say no: close the connection of a refused PUBLISH instead of "
     "acknowledging what goes nowhere.",
     nullptr, setSwitch<&C::closesRefusedPublishers, true>, switchText<&C::closesRefusedPublishers, true>},

    {"password-file", Kind::Path, "FILE", "User names and hashed passwords, as mosquitto_passwd writes them.", nullptr,
     setPath<&BrokerSettings::passwordFile>, pathText<&BrokerSettings::passwordFile>},
    {"scram-file", Kind::Path, "FILE", "User names and what checks their SCRAM proofs, as gsasl --mkpasswd prints it.",
     nullptr, setPath<&BrokerSettings::scramFile>, pathText<&BrokerSettings::scramFile>},
    {"acl-file", Kind::Path, "FILE", "Who may read and write which topics, as mosquitto's acl_file.", nullptr,
     setPath<&BrokerSettings::aclFile>, pathText<&BrokerSettings::aclFile>},
    {"no-anonymous", Kind::Switch, "true|false", "Refuse clients without user name.", nullptr,
     [](BrokerSettings &s, const QString &text) {
         return assign(parseSwitch(text),
                       [&s](bool value) { s.anonymous = value ? Anonymous::Refused : Anonymous::Allowed; });
     },
     [](const BrokerSettings &s) {
         return QStringList{s.anonymous == Anonymous::Refused ? QStringLiteral("true") : QStringLiteral("false")};
     }},

    {"sys-interval", Kind::Value, "DURATION", "Between two rounds of the $SYS topics; 0 for none.", nullptr,
     setInterval<&C::systemInterval, 86'400>, intervalText<&C::systemInterval>},
    {"note-only", Kind::Switch, "true|false",
     "Note what breaks the standard and go on, instead of answering as the standard demands.", nullptr,
     setSwitch<&C::noteViolationsOnly, true>, switchText<&C::noteViolationsOnly, true>},
    {"note-only-for", Kind::List, "CLIENT", "The same for the client of this identifier.", nullptr,
     [](BrokerSettings &s, const QString &text) {
         s.config.noteViolationsOf.insert(text.toUtf8());
         return Error();
     },
     [](const BrokerSettings &s) {
         QStringList texts;
         for (const QByteArray &clientId : s.config.noteViolationsOf)
             texts << QString::fromUtf8(clientId);
         return texts;
     },
     [](BrokerSettings &s) { s.config.noteViolationsOf.clear(); }},
    {"trace", Kind::Value, "LEVEL", "What is recorded: packets, counters or off.", nullptr, setLevel, levelText},
    {"log", Kind::Switch, "true|false", "Write what is recorded to standard error, a line each.", nullptr,
     [](BrokerSettings &s, const QString &text) {
         return assign(parseSwitch(text), [&s](bool value) { s.log = value; });
     },
     [](const BrokerSettings &s) { return QStringList{s.log ? QStringLiteral("true") : QStringLiteral("false")}; }},
    {"seed", Kind::Value, "N", "For assigned Client Identifiers.", nullptr,
     setNumber<&C::seed, 0, std::numeric_limits<qint64>::max()>, numberText<&C::seed>},
};

} // namespace

std::span<const Setting> brokerSettings()
{
    return settingTable;
}

std::vector<Endpoint> listenersOf(const BrokerSettings &settings)
{
    std::vector<Endpoint> listeners = settings.listen;
    for (Endpoint &listener : listeners) {
        if (usesTls(listener.scheme))
            listener.tls = settings.tls;
    }
    return listeners;
}

std::optional<UsageError> contradictionIn(const BrokerSettings &settings)
{
    if (settings.listen.empty())
        return UsageError{QStringLiteral("listen has no address: expected one at least")};
    const auto secure = std::ranges::find_if(settings.listen, usesTls, &Endpoint::scheme);
    const TlsSettings &tls = settings.tls;
    if (secure != settings.listen.end() && (tls.certificateFile.isEmpty() || tls.keyFile.isEmpty()))
        return UsageError{QStringLiteral("listen %1 needs tls-cert and tls-key: the files of a certificate and its key")
                              .arg(toUrl(*secure))};
    if (secure == settings.listen.end() && tls != TlsSettings())
        return UsageError{
            QStringLiteral("tls-cert, tls-key and tls-ca are for addresses of mqtts:// and wss://, and listen "
                           "has none")};
    if (settings.anonymous == Anonymous::Refused && settings.passwordFile.isEmpty() && settings.scramFile.isEmpty())
        return UsageError{
            QStringLiteral("no-anonymous needs a password-file or scram-file: without one nobody could connect")};
    return std::nullopt;
}

} // namespace sessionscope
