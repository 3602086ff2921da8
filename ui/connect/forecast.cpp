#include "ui/connect/forecast.h"

#include "ui/common/words.h"

#include <QCoreApplication>

namespace sessionscope {

namespace {

struct Words
{
    Q_DECLARE_TR_FUNCTIONS(Forecast)
};

QString atConnect(const ConnectValues &values, const ForecastContext &context)
{
    const bool v5 = values.version == Version::V5;
    if (values.cleanStart) {
        return v5 ? Words::tr("Connect starts a new session; one that the broker still keeps for this Client ID ends.")
                  : Words::tr("Connect starts a clean session; a kept one for this Client ID is discarded.");
    }
    if (!context.hasOwnSession) {
        // Only 5.0 lets a client start cleanly and keep the session afterwards, so only there the engine insists on it.
        return v5 ? Words::tr("Connect starts a new session: this client has none to resume, so its first CONNECT is "
                              "sent with Clean Start 1.")
                  : Words::tr("Connect starts a new session unless the broker still keeps one for this Client ID; this "
                              "client remembers none.");
    }
    return Words::tr(
        "Connect resumes the session if the broker still has it (Session Present 1), else starts a new one.");
}

QString atClose(const ConnectValues &values)
{
    const quint32 kept = values.keptFor();
    if (kept == 0) {
        if (values.version != Version::V5)
            return Words::tr("When the connection closes, the session ends with it.");
        return values.expiry.kind == ExpiryKind::Absent
                   ? Words::tr("When the connection closes, the session ends with it: an absent expiry means 0.")
                   : Words::tr(
                         "When the connection closes, the session ends with it: subscriptions and queued messages are "
                         "gone.");
    }
    if (kept == sessionNeverExpires) {
        return values.version == Version::V5
                   ? Words::tr(
                         "When the connection closes, the broker keeps the session and queues QoS 1 and 2 messages "
                         "until a CONNECT with Clean Start 1 or an administrator ends it.")
                   : Words::tr(
                         "When the connection closes, the broker keeps the session and queues QoS 1 and 2 messages "
                         "until a CONNECT with Clean Session 1 or an administrator ends it.");
    }
    return Words::tr("When the connection closes, the broker keeps the session for %1 and queues QoS 1 and 2 "
                     "messages; after that it is gone.")
        .arg(words::expiry(kept));
}

QString atBreak(const ConnectValues &values)
{
    if (!values.will)
        return {};
    const QString topic = values.will->topic.isEmpty() ? Words::tr("(no topic)") : values.will->topic;
    const quint32 delay = values.version == Version::V5 ? values.will->delay : 0;
    const quint32 kept = values.keptFor();
    if (delay == 0) {
        return values.version == Version::V5
                   ? Words::tr("If it breaks, or on Disconnect 0x04, the will on \u201c%1\u201d is published at once.")
                         .arg(topic)
                   : Words::tr("If it breaks, the will on \u201c%1\u201d is published at once.").arg(topic);
    }
    if (kept == 0) {
        return Words::tr("If it breaks, the will on \u201c%1\u201d is published at once: the session ends then, so the "
                         "delay of %2 has no effect.")
            .arg(topic, words::seconds(delay));
    }
    if (kept != sessionNeverExpires && delay >= kept) {
        return Words::tr(
                   "If it breaks, the will on \u201c%1\u201d is published when the session ends, after %2, unless "
                   "the client is back by then.")
            .arg(topic, words::seconds(kept));
    }
    return Words::tr(
               "If it breaks, the will on \u201c%1\u201d is published %2 later, unless the client is back by then.")
        .arg(topic, words::seconds(delay));
}

void adviseOnIdentity(const ConnectValues &values, const ForecastContext &context, QStringList &advice)
{
    if (!context.othersWithSameId.isEmpty()) {
        advice << Words::tr("%1 uses the same Client ID: connecting takes its session over and closes its connection. "
                            "Give every client its own.")
                      .arg(context.othersWithSameId.join(QStringLiteral(", ")));
    }
    if (!values.clientId.isEmpty())
        return;
    if (values.version == Version::V5 && values.keptFor() != 0) {
        advice << Words::tr("Without a Client ID the broker assigns one. Only a client that sends that one again can "
                            "resume its session.");
    }
    if (values.version != Version::V5 && !values.cleanStart)
        advice << Words::tr("Without a Client ID the broker refuses Clean Session 0 (return code 2).");
}

void adviseOnExpiry(const ConnectValues &values, const ForecastContext &context, QStringList &advice)
{
    const quint32 kept = values.keptFor();
    if (values.version == Version::V5 && !values.cleanStart && kept == 0)
        advice << Words::tr("Clean Start 0 without an expiry resumes for the last time: nothing is kept for the next "
                            "connect.");
    if (values.version == Version::V5 && values.cleanStart && kept != 0 && context.hasOwnSession)
        advice << Words::tr("Clean Start 1 throws away the session that the expiry has kept. Use Clean Start 0 to "
                            "resume it.");
    if (kept == 0)
        return;
    if (kept < shortExpirySeconds) {
        advice << Words::tr("An expiry below %1 can run out during an ordinary reconnect.")
                      .arg(words::seconds(shortExpirySeconds));
    }
    if (kept > longExpirySeconds) {
        advice << Words::tr("Sessions kept this long fill the broker when clients never return. Hours or a few days "
                            "are usually enough.");
    }
    if (context.hasOwnSession && !context.hasSubscriptions) {
        advice << Words::tr("This client has no subscriptions: a kept session only guards its unfinished QoS 1 and 2 "
                            "messages. If it needs no such guard, let the session end with the connection.");
    }
}

} // namespace

QString Forecast::sentence() const
{
    QStringList parts{atConnect, atClose};
    if (!atBreak.isEmpty())
        parts << atBreak;
    return parts.join(QLatin1Char(' '));
}

Forecast forecast(const ConnectValues &values, const ForecastContext &context)
{
    Forecast result;
    result.atConnect = atConnect(values, context);
    result.atClose = atClose(values);
    result.atBreak = atBreak(values);
    adviseOnIdentity(values, context, result.advice);
    adviseOnExpiry(values, context, result.advice);
    if (values.keepAlive == 0 && (values.will || values.keptFor() != 0)) {
        result.advice << Words::tr("With keep alive 0 the broker may never notice a broken connection: will and expiry "
                                   "start only when it does.");
    }
    if (values.will && values.will->topic.isEmpty())
        result.advice << Words::tr("The will has no topic: the broker will refuse the connection.");
    return result;
}

} // namespace sessionscope
