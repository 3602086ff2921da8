#include "ui/shell/watch_page.h"

#include "ui/common/words.h"
#include "ui/packets/packets_panel.h"
#include "ui/session/broker_panel.h"
#include "ui/session/session_header.h"

#include <QLineEdit>
#include <QSplitter>
#include <QVBoxLayout>

namespace sessionscope {

WatchPage::WatchPage(const TraceLog &log, const QByteArray &clientId, QWidget *parent)
    : QWidget(parent), m_log(log), m_clientId(clientId), m_header(new SessionHeader(nullptr)), m_panel(new BrokerPanel),
      m_packets(new PacketsPanel(log))
{
    m_header->setTitle(words::text(clientId));
    auto *lower = new QWidget;
    lower->setObjectName(QStringLiteral("panel"));
    lower->setAttribute(Qt::WA_StyledBackground);
    auto *column = new QVBoxLayout(lower);
    column->setContentsMargins(0, 6, 0, 0);
    column->setSpacing(6);
    auto *line = new QHBoxLayout;
    line->setContentsMargins(10, 0, 10, 0);
    line->addStretch(1);
    line->addWidget(m_packets->filterField(), 1);
    column->addLayout(line);
    column->addWidget(m_packets, 1);

    auto *rows = new QSplitter(Qt::Vertical);
    rows->setHandleWidth(1);
    rows->setChildrenCollapsible(false);
    rows->addWidget(m_panel);
    rows->addWidget(lower);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_header);
    layout->addWidget(rows, 1);

    TraceSource source;
    forLinks(log.begin(), [&source](LinkId link, LogRow) { source.brokerLinks.insert(link); });
    m_packets->setSource(source);
    connect(&log, &TraceLog::appended, this, &WatchPage::addLinks);
}

template<class Found> void WatchPage::forLinks(LogRow from, Found found) const
{
    for (LogRow row = from; row < m_log.end(); ++row) {
        const auto *note = std::get_if<BrokerNote>(&m_log.at(row).what);
        const auto *changed = note ? std::get_if<ServerSessionChanged>(&note->effect) : nullptr;
        if (changed && changed->clientId == m_clientId && changed->link.value)
            found(changed->link, row);
    }
}

void WatchPage::addLinks(LogRow from)
{
    // A source that changes would read the whole log again, and lose what is selected.
    forLinks(from, [this](LinkId link, LogRow row) { m_packets->addBrokerLink(link, beginOf(link, row)); });
}

LogRow WatchPage::beginOf(LinkId link, LogRow reported) const
{
    // Links are numbered in the order in which they begin. Where the record of this one was skipped, that of an earlier
    // one is far enough.
    for (LogRow row = reported; row-- > m_log.begin();) {
        const TraceRecord &record = m_log.at(row);
        const auto *change = std::get_if<LinkTrace>(&record.what);
        if (change && change->change == LinkChange::Accepted && record.link.value <= link.value)
            return row;
    }
    return m_log.begin();
}

void WatchPage::setView(BrokerSight sight, const ServerSessionView *session, Instant now)
{
    if (sight == BrokerSight::NotShown)
        m_header->setUnknown();
    else
        m_header->setView(nullptr, session, 0);
    m_panel->setView(sight, session, {});
    setNow(now);
}

void WatchPage::setNow(Instant now)
{
    m_header->setNow(now);
    m_panel->setNow(now);
}

} // namespace sessionscope
