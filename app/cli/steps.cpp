#include "app/cli/steps.h"

namespace sessionscope::cli {

namespace {

enum class Value : quint8
{
    None,
    Optional,
    Needed
};

struct StepRow
{
    const char *verb;
    Value takes;
    const char *value; ///< as the help shows it, with its =
    const char *help;
    Parsed<Step> (*parse)(const QString &value);
};

template<class T, class Make> Parsed<Step> stepOf(const Parsed<T> &parsed, Make make)
{
    if (!parsed)
        return parsed.error();
    return Step(make(*parsed));
}

template<class Plain> Parsed<Step> plain(const QString &)
{
    return Step(Plain{});
}

Parsed<Step> parseDisconnect(const QString &value)
{
    DisconnectCommand command;
    const QStringList parts = value.isEmpty() ? QStringList() : value.split(u',');
    for (qsizetype i = 0; i < parts.size(); ++i) {
        const QString &part = parts[i];
        if (part.startsWith(u"expiry=")) {
            const auto expiry = parseSeconds(part.mid(7), sessionNeverExpires, Never::Allowed);
            if (!expiry)
                return expiry.error();
            command.sessionExpiryInterval = *expiry;
        } else if (i == 0) {
            const auto reason = parseReason(part);
            if (!reason)
                return reason.error();
            command.reason = *reason;
        } else {
            return wrongValue(part, QStringLiteral("a part of a disconnect: expected expiry=DURATION"));
        }
    }
    return Step(DisconnectStep{command});
}

Parsed<Step> parseRelease(const QString &value)
{
    ReleaseAcknowledgements command;
    for (const QString &part : value.isEmpty() ? QStringList() : value.split(u',')) {
        if (part == u"at-once") {
            command.order = ReleaseOrder::AtOnce;
            continue;
        }
        const auto id = parseNumber(part, 1, 65'535);
        if (!id)
            return wrongValue(part, QStringLiteral("a part of a release: expected a Packet Identifier or at-once"));
        command.packetId = PacketId{quint16(*id)};
    }
    return Step(ReleaseStep{command});
}

constexpr StepRow rows[] = {
    {"wait", Value::Needed, "=DURATION", "let time pass",
     [](const QString &value) {
         return stepOf(parseDuration(value), [](Duration duration) { return WaitStep{duration}; });
     }},
    {"cut", Value::None, "", "break the connection without DISCONNECT (FIN)",
     [](const QString &) { return Parsed<Step>(CutStep{CloseHow::Close}); }},
    {"reset", Value::None, "", "the same with RST",
     [](const QString &) { return Parsed<Step>(CutStep{CloseHow::Reset}); }},
    {"tls-cut", Value::None, "", "the same without TLS's close_notify, as if the stream was cut short",
     [](const QString &) { return Parsed<Step>(CutStep{CloseHow::WithoutCloseNotify}); }},
    {"ws-close", Value::Needed, "=STATUS", "the same with a WebSocket close frame of this status, such as 1001",
     [](const QString &value) {
         return stepOf(parseNumber(value, leastCloseStatus, mostCloseStatus),
                       [](qint64 status) { return CutStep{CloseHow::webSocket(quint16(status))}; });
     }},
    {"reconnect", Value::None, "", "connect again with Clean Start 0",
     [](const QString &) { return Parsed<Step>(ConnectStep{true}); }},
    {"connect", Value::None, "", "connect again with the options as given", plain<ConnectStep>},
    {"disconnect", Value::Optional, "[=REASON[,expiry=DURATION]]",
     "leave with DISCONNECT: normal, with-will, or a number such as 0x04", parseDisconnect},
    {"publish", Value::Needed, "=TOPIC[:QOS[r]]=PAYLOAD", "publish; r sets RETAIN",
     [](const QString &value) {
         return stepOf(parsePublish(value), [](const Message &message) { return PublishStep{message}; });
     }},
    {"request", Value::Needed, "=TOPIC[:QOS]=PAYLOAD", "publish with a Response Topic and await the response (MQTT 5)",
     [](const QString &value) {
         return stepOf(parsePublish(value), [](const Message &message) { return RequestStep{message}; });
     }},
    {"subscribe", Value::Needed, "=FILTER[:QOS]", "subscribe",
     [](const QString &value) {
         return stepOf(parseSubscription(value),
                       [](const SubscribePacket::Entry &entry) { return SubscribeStep{entry}; });
     }},
    {"unsubscribe", Value::Needed, "=FILTER", "unsubscribe",
     [](const QString &value) { return Parsed<Step>(UnsubscribeStep{value.toUtf8()}); }},
    {"hold", Value::Needed, "=PUBACK+PUBREC|none", "keep these acknowledgements back from now on",
     [](const QString &value) {
         return stepOf(parseAcknowledgements(value),
                       [](const std::vector<PacketType> &types) { return HoldStep{{types}}; });
     }},
    {"release", Value::Optional, "[=ID][,at-once]", "send what is held, all or one, in its order or at once",
     parseRelease},
    {"reauthenticate", Value::None, "", "authenticate again on this connection (MQTT 5)", plain<ReauthenticateStep>},
    {"state", Value::None, "", "print the session's state", plain<StateStep>},
    {"quit", Value::None, "", "leave now", plain<QuitStep>},
};

} // namespace

Parsed<Step> parseStep(const QString &text)
{
    const qsizetype equals = text.indexOf(u'=');
    const QString verb = text.left(equals < 0 ? text.size() : equals);
    QStringList known;
    for (const StepRow &row : rows) {
        known << QString::fromLatin1(row.verb);
        if (known.last() != verb)
            continue;
        if (row.takes == Value::Needed && equals < 0)
            return UsageError{
                QStringLiteral("the step \"%1\" needs a value: %1%2").arg(verb, QLatin1String(row.value))};
        if (row.takes == Value::None && equals >= 0)
            return UsageError{QStringLiteral("the step \"%1\" takes no value").arg(verb)};
        return row.parse(equals < 0 ? QString() : text.mid(equals + 1));
    }
    return UsageError{QStringLiteral("unknown step \"%1\": expected %2.%3")
                          .arg(verb, known.join(QStringLiteral(", ")), didYouMean(verb, known))};
}

QString stepsHelp()
{
    QString help;
    for (const StepRow &row : rows) {
        const QString usage = QLatin1String(row.verb) + QLatin1String(row.value);
        help += QStringLiteral("  %1 ").arg(usage, -39) + QLatin1String(row.help) + u'\n';
    }
    return help;
}

} // namespace sessionscope::cli
