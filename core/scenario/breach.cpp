#include "core/scenario/breach.h"

#include "core/rules/duty.h"

namespace sessionscope {

const char *invariantText(Invariant invariant)
{
    switch (invariant) {
    case Invariant::AtLeastOnce:
        return "at least once";
    case Invariant::ExactlyOnce:
        return "exactly once";
    case Invariant::Order:
        return "order";
    case Invariant::PacketIds:
        return "packet identifiers";
    case Invariant::DupAndOriginalId:
        return "DUP and original identifier";
    case Invariant::ReleaseNotPublish:
        return "PUBREL, not PUBLISH";
    case Invariant::NoResendWithoutReconnect:
        return "no resend without reconnect";
    case Invariant::SendQuota:
        return "Receive Maximum";
    case Invariant::Answers:
        return "acknowledgements";
    case Invariant::SessionPresent:
        return "Session Present";
    case Invariant::SessionLife:
        return "life of the session";
    case Invariant::WillOnceWhenDue:
        return "will";
    case Invariant::MessageExpiry:
        return "message expiry";
    case Invariant::SubscriptionIdentifiers:
        return "subscription identifiers";
    case Invariant::RightReceiver:
        return "right receiver";
    case Invariant::GrantedQos:
        return "granted QoS";
    case Invariant::RetainFlag:
        return "RETAIN";
    case Invariant::OneConnection:
        return "one connection";
    case Invariant::KeepAlive:
        return "keep alive";
    case Invariant::BothEndsAgree:
        return "both ends agree";
    case Invariant::NothingLeft:
        return "nothing left";
    case Invariant::Conduct:
        break;
    }
    return "conduct";
}

bool isExcused(const rules::Finding &finding)
{
    if (rules::severityOf(finding) == rules::Severity::Limit)
        return true;
    // Session Present 1 for a client that has lost its session before 5.0, where nothing is said of it.
    return qstrcmp(finding.statement, "v3 §3.2.2.2") == 0;
}

QString invariantName(Invariant invariant)
{
    return QString::fromLatin1(invariantText(invariant)).toLower().remove(u',').replace(u' ', u'_');
}

QString breachText(const Breach &breach)
{
    return QStringLiteral("%1, record %2: %3")
        .arg(QLatin1String(invariantText(breach.invariant)))
        .arg(breach.at.value)
        .arg(breach.what);
}

} // namespace sessionscope
