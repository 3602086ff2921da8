#include "ui/session/session_header.h"

#include "ui/common/expiry_bar.h"
#include "ui/common/pill.h"
#include "ui/common/theme.h"
#include "ui/common/value_label.h"
#include "ui/common/words.h"
#include "ui/session/session_life.h"
#include "ui/shell/client_actions.h"

#include <QHBoxLayout>
#include <QLabel>

namespace sessionscope {

namespace {

Tone toneOf(ClientConnection state)
{
    switch (state) {
    case ClientConnection::Connected:
        return Tone::Good;
    case ClientConnection::Closed:
        return Tone::Neutral;
    default:
        return Tone::Warning;
    }
}

struct PillTexts
{
    ClientConnection connection = ClientConnection::Closed;
    QString present = {};
    Tone presentTone = Tone::Neutral;
    QString version = {};
    QString clean = {};
    QString expiry = {};
};

QString presentText(const ClientView &client)
{
    const QString present = SessionHeader::tr("Session Present %1").arg(int(client.connack->sessionPresent));
    if (!client.record || !client.record->resumedTimes)
        return present;
    return present + QStringLiteral(" \u00b7 ") +
           SessionHeader::tr("resumed %1\u00d7").arg(client.record->resumedTimes);
}

/// The panels below say it in full.
QString shortExpiry(std::optional<quint32> interval)
{
    const bool number = interval && *interval != 0 && *interval != sessionNeverExpires;
    return number ? words::seconds(*interval) : words::expiry(interval);
}

PillTexts textsOf(const ClientView &client)
{
    const bool v5 = client.connect.protocolLevel == quint8(Version::V5);
    PillTexts texts;
    texts.connection = client.connection;
    texts.version = words::version(Version(client.connect.protocolLevel));
    texts.clean = (v5 ? SessionHeader::tr("Clean Start %1") : SessionHeader::tr("Clean Session %1"))
                      .arg(int(client.connect.cleanStart));
    if (v5) {
        texts.expiry = SessionHeader::tr("Expiry %1")
                           .arg(shortExpiry(client.connect.properties.integer(PropertyId::SessionExpiryInterval)));
    }
    if (client.connack) {
        texts.present = presentText(client);
        texts.presentTone = client.connack->sessionPresent ? Tone::Info : Tone::Neutral;
    }
    return texts;
}

PillTexts textsOf(const ServerSessionView &session)
{
    PillTexts texts;
    texts.connection = session.connected ? ClientConnection::Connected : ClientConnection::Closed;
    texts.version = words::version(session.version);
    texts.expiry = SessionHeader::tr("Expiry %1").arg(shortExpiry(session.sessionExpiryInterval));
    return texts;
}

} // namespace

SessionHeader::SessionHeader(ClientActions *actions, QWidget *parent) : QWidget(parent)
{
    setObjectName(QStringLiteral("pageHeader"));
    setAttribute(Qt::WA_StyledBackground);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(12, 8, 12, 8);
    layout->setSpacing(7);
    layout->addLayout(buildFirstLine(actions));
    layout->addLayout(buildSecondLine());
    setView(nullptr, nullptr, 0);
}

QHBoxLayout *SessionHeader::buildFirstLine(ClientActions *actions)
{
    m_title = new QLabel;
    QFont large = font();
    large.setPointSizeF(large.pointSizeF() * 1.35);
    large.setWeight(QFont::DemiBold);
    m_title->setFont(large);
    m_title->setTextFormat(Qt::PlainText);
    m_title->setMinimumWidth(40);
    m_title->setSizePolicy(QSizePolicy::Minimum, QSizePolicy::Preferred);
    m_title->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);

    auto *line = new QHBoxLayout;
    line->setSpacing(7);
    line->addWidget(m_title);
    for (Pill **pill : {&m_state, &m_present, &m_differences})
        line->addWidget(*pill = new Pill);
    line->addStretch(1);
    if (actions) {
        for (QWidget *button : actions->headerButtons())
            line->addWidget(button);
    }
    return line;
}

QHBoxLayout *SessionHeader::buildSecondLine()
{
    m_caption = new ValueLabel({}, ValueLabel::TabStop::No);
    m_caption->setObjectName(QStringLiteral("dim"));
    m_age = new ValueLabel(tr("Age"), ValueLabel::TabStop::No);
    m_age->setFont(monospaceFont());
    m_age->setMinimumWidth(QFontMetrics(monospaceFont()).averageCharWidth() * 7); // what follows stays where it is
    m_bar = new ExpiryBar;
    m_bar->setMaximumWidth(420);
    m_end = new ValueLabel;
    m_end->setObjectName(QStringLiteral("sessionEnd"));

    auto *line = new QHBoxLayout;
    line->setSpacing(7);
    for (Pill **pill : {&m_version, &m_clean, &m_expiry})
        line->addWidget(*pill = new Pill);
    line->addWidget(m_caption);
    line->addWidget(m_age);
    line->addWidget(m_bar, 2);
    line->addWidget(m_end);
    line->addStretch(1);
    return line;
}

void SessionHeader::setTitle(const QString &title)
{
    m_title->setText(title);
}

void SessionHeader::setView(const ClientView *client, const ServerSessionView *session, qsizetype differences)
{
    m_client = client ? std::optional(*client) : std::nullopt;
    m_session = session ? std::optional(*session) : std::nullopt;
    m_isKnown = true;
    showPills(differences);
    showLife();
}

void SessionHeader::setUnknown()
{
    m_client.reset();
    m_session.reset();
    m_isKnown = false;
    showPills(0);
    showLife();
}

void SessionHeader::showPills(qsizetype differences)
{
    // Every pill is set once: one that went away and came back would make the whole line jump.
    const PillTexts texts = m_client ? textsOf(*m_client) : m_session ? textsOf(*m_session) : PillTexts{};
    m_state->setContent(m_isKnown ? words::connection(texts.connection) : QString(), toneOf(texts.connection));
    m_present->setContent(texts.present, texts.presentTone);
    m_version->setContent(texts.version, Tone::Neutral);
    m_clean->setContent(texts.clean, Tone::Neutral);
    m_expiry->setContent(texts.expiry, Tone::Neutral);
    m_differences->setContent(differences ? tr("\u2260 %n difference(s)", nullptr, int(differences)) : QString(),
                              Tone::Warning);
}

void SessionHeader::setNow(Instant now)
{
    m_now = now;
    showLife();
}

void SessionHeader::showLife()
{
    SessionLife life;
    if (m_session)
        life = lifeOf(*m_session, m_now);
    // The broker decides when the session ends, but only the client remembers when it began.
    const SessionLife remembered = lifeOf(m_client.value_or(ClientView{}), m_now);
    if (!m_session && m_isKnown) {
        life = remembered;
    } else if (m_client && m_client->record) {
        life.caption = remembered.caption;
        life.age = remembered.age;
    }
    m_caption->setValue(life.caption);
    m_age->setCountingValue(life.age);
    m_end->setCountingValue(life.end);
    m_bar->setVisible(!life.age.isEmpty());
    m_bar->setShare(life.share, life.tone);
}

} // namespace sessionscope
