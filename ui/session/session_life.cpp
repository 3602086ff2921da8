#include "ui/session/session_life.h"

#include "ui/common/words.h"

#include <QCoreApplication>

namespace sessionscope {

namespace {

struct Words
{
    Q_DECLARE_TR_FUNCTIONS(SessionLife)
};

/// Below this share of its interval a waiting session is shown as running out.
constexpr qreal runningOut = 0.5;

struct Facts
{
    bool connected = false;
    Instant since;
    quint32 interval = 0;
    std::optional<Instant> endsAt;
};

SessionLife connectedLife(const Facts &facts)
{
    SessionLife life;
    life.share = 1;
    life.tone = Tone::Good;
    if (facts.interval == 0) {
        life.end = Words::tr("ends with the connection");
        life.brief = Words::tr("ends with connection");
    } else if (facts.interval == sessionNeverExpires) {
        life.end = Words::tr("never expires, not even offline");
        life.brief = Words::tr("never expires");
        life.tone = Tone::Info;
    } else {
        life.end = Words::tr("would expire %1 after the close").arg(words::seconds(facts.interval));
        life.brief = Words::tr("connected");
    }
    return life;
}

SessionLife waitingLife(const Facts &facts, Instant now)
{
    SessionLife life;
    if (!facts.endsAt) {
        life.share = 1;
        life.tone = Tone::Info;
        life.end = Words::tr("never expires");
        life.brief = life.end;
        return life;
    }
    const Duration left = std::max(Duration::zero(), *facts.endsAt - now);
    const auto whole = std::chrono::duration_cast<Duration>(std::chrono::seconds(std::max(facts.interval, 1U)));
    life.share = std::min(1.0, double(left.count()) / double(whole.count()));
    life.tone = life.share > runningOut ? Tone::Good : Tone::Warning;
    life.brief = Words::tr("expires in %1").arg(words::span(left));
    life.end = Words::tr("expires in %1, at %2").arg(words::span(left), words::clock(*facts.endsAt));
    return life;
}

SessionLife lifeFrom(const Facts &facts, Instant now)
{
    SessionLife life = facts.connected ? connectedLife(facts) : waitingLife(facts, now);
    life.caption = facts.connected ? Words::tr("Session alive") : Words::tr("Session kept");
    life.age = words::span(now - facts.since);
    return life;
}

} // namespace

SessionLife lifeOf(const ServerSessionView &session, Instant now)
{
    SessionLife life = lifeFrom({session.connected, session.since, session.sessionExpiryInterval, session.endsAt}, now);
    life.caption = session.connected ? Words::tr("Connected for") : Words::tr("Offline for");
    return life;
}

SessionLife lifeOf(const ClientView &client, Instant now)
{
    if (!client.record) {
        SessionLife none;
        none.caption = Words::tr("No session");
        none.brief = none.caption;
        return none;
    }
    const bool connected = client.connection == ClientConnection::Connected;
    return lifeFrom({connected, client.record->since, client.record->sessionExpiryInterval, client.record->endsAt},
                    now);
}

} // namespace sessionscope
