#include "app/cli/broker_options.h"

#include <limits>

namespace sessionscope::cli {

namespace {

using Apply = std::optional<UsageError> (*)(BrokerConfig &config, const QString &text);

struct Row
{
    const char *name;
    const char *valueName;
    const char *help;
    Apply apply;
};

template<class T, class Assign> std::optional<UsageError> assign(const Parsed<T> &parsed, Assign set)
{
    if (!parsed)
        return parsed.error();
    set(*parsed);
    return std::nullopt;
}

template<auto Member> std::optional<UsageError> setNumber(BrokerConfig &config, const QString &text)
{
    using Field = std::decay_t<decltype(config.*Member)>;
    const qint64 maximum =
        sizeof(Field) < 8 ? qint64(std::numeric_limits<Field>::max()) : std::numeric_limits<qint64>::max();
    return assign(parseNumber(text, 0, maximum), [&config](qint64 value) { config.*Member = Field(value); });
}

template<auto Member> std::optional<UsageError> setFlag(BrokerConfig &config, const QString &text)
{
    return assign(parseFlag(text), [&config](bool value) { config.*Member = value; });
}

std::optional<UsageError> setPositiveShort(quint16 &field, const QString &text)
{
    return assign(parseNumber(text, 1, 65'535), [&field](qint64 value) { field = quint16(value); });
}

const Row rows[] = {
    {"maximum-session-expiry", "DURATION", "The longest Session Expiry Interval granted.",
     [](BrokerConfig &config, const QString &text) {
         return assign(parseSeconds(text, sessionNeverExpires, Never::Allowed),
                       [&config](quint32 value) { config.maximumSessionExpiry = value; });
     }},
    {"minimum-session-expiry", "DURATION", "The shortest Session Expiry Interval granted (default 0).",
     [](BrokerConfig &config, const QString &text) {
         return assign(parseSeconds(text, sessionNeverExpires, Never::Allowed),
                       [&config](quint32 value) { config.minimumSessionExpiry = value; });
     }},
    {"receive-maximum", "N", "QoS 1 and 2 messages open at once in each direction, 1 to 65535 (default 20).",
     [](BrokerConfig &config, const QString &text) { return setPositiveShort(config.receiveMaximum, text); }},
    {"maximum-packet-size", "BYTES", "The largest packet taken (default 1 MiB).",
     [](BrokerConfig &config, const QString &text) {
         return assign(parseNumber(text, 16, 268'435'460),
                       [&config](qint64 value) { config.maximumPacketSize = quint32(value); });
     }},
    {"topic-alias-maximum", "N", "Topic aliases a client may set (default 10).",
     setNumber<&BrokerConfig::topicAliasMaximum>},
    {"maximum-qos", "0|1|2", "The highest QoS offered (default 2).",
     [](BrokerConfig &config, const QString &text) {
         return assign(parseNumber(text, 0, 2), [&config](qint64 value) { config.maximumQos = Qos(value); });
     }},
    {"retain-available", "0|1", "Whether retained messages are kept (default 1).",
     setFlag<&BrokerConfig::retainAvailable>},
    {"queue-qos0-offline", "0|1", "Whether QoS 0 messages wait for offline sessions (default 0).",
     setFlag<&BrokerConfig::queueQos0Offline>},
    {"maximum-queued-messages", "N", "Messages that wait for one session (default 100000).",
     setNumber<&BrokerConfig::maximumQueuedMessages>},
    {"maximum-queued-bytes", "BYTES", "Their bytes (default 64 MiB).", setNumber<&BrokerConfig::maximumQueuedBytes>},
    {"maximum-subscriptions", "N", "Subscriptions of one session (default 10000).",
     setNumber<&BrokerConfig::maximumSubscriptions>},
    {"maximum-topic-levels", "N", "Levels of a filter or a retained message's topic (default 128).",
     setNumber<&BrokerConfig::maximumTopicLevels>},
    {"maximum-sessions", "N", "Sessions kept at once (default 200000).", setNumber<&BrokerConfig::maximumSessions>},
    {"maximum-retained", "N", "Retained messages (default 1000000).", setNumber<&BrokerConfig::maximumRetained>},
    {"maximum-keep-alive", "SECONDS", "The longest Keep Alive granted; 0 grants any (default).",
     [](BrokerConfig &config, const QString &text) {
         return assign(parseSeconds(text, 65'535),
                       [&config](quint32 value) { config.maximumKeepAlive = quint16(value); });
     }},
    {"connect-timeout", "DURATION", "From a connection's opening to its CONNECT (default 10s).",
     [](BrokerConfig &config, const QString &text) {
         return assign(parseSeconds(text, 86'400),
                       [&config](quint32 value) { config.connectTimeout = std::chrono::seconds(value); });
     }},
    {"seed", "N", "For assigned Client Identifiers and the choice within share groups (default 1).",
     [](BrokerConfig &config, const QString &text) {
         return assign(parseNumber(text, 0, std::numeric_limits<qint64>::max()),
                       [&config](qint64 value) { config.seed = quint64(value); });
     }},
};

} // namespace

void addBrokerOptions(Options &options)
{
    for (const Row &row : rows)
        options.addValue(QString::fromLatin1(row.name), QString::fromLatin1(row.valueName),
                         QString::fromLatin1(row.help));
}

Parsed<BrokerConfig> brokerConfig(const Options &options)
{
    BrokerConfig config;
    for (const Row &row : rows) {
        const QString name = QString::fromLatin1(row.name);
        if (!options.isSet(name))
            continue;
        if (const auto error = row.apply(config, options.value(name)))
            return UsageError{QStringLiteral("--%1: %2").arg(name, error->text)};
    }
    return config;
}

} // namespace sessionscope::cli
