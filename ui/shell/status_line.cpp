#include "ui/shell/status_line.h"

#include "ui/common/value_label.h"
#include "ui/common/words.h"

#include <QLabel>

namespace sessionscope {

StatusLine::StatusLine(QWidget *parent)
    : QStatusBar(parent), m_counts(new QLabel), m_packets(new QLabel), m_limits(new QLabel), m_expired(new QLabel),
      m_broker(new ValueLabel)
{
    setSizeGripEnabled(false);
    addWidget(m_counts);
    addWidget(m_packets);
    addWidget(m_limits);
    addPermanentWidget(m_expired);
    addPermanentWidget(m_broker);
}

void StatusLine::setFeed(const LabFeed &feed)
{
    const LabView &view = feed.view();
    m_counts->setText(tr("%n client(s)", nullptr, int(view.clients.size())) + QStringLiteral(" \u00b7 ") +
                      tr("%n session(s)", nullptr, int(view.broker.sessionsTotal)));
    m_packets->setText(tr("%n packet(s)", nullptr, int(feed.log().packetCount())) + QStringLiteral(" \u00b7 ") +
                       words::bytes(feed.log().packetBytes()));
    QStringList limits;
    if (feed.log().dropped())
        limits << tr("%n oldest record(s) dropped", nullptr, int(feed.log().dropped()));
    if (feed.skipped())
        limits << tr("%n record(s) skipped while the window was busy", nullptr, int(feed.skipped()));
    m_limits->setText(limits.join(QStringLiteral(" \u00b7 ")));
    m_expired->setText(tr("Expired sessions %1").arg(view.broker.counters.sessionsExpired));
}

void StatusLine::setBroker(const QString &text)
{
    m_broker->setValue(text);
}

} // namespace sessionscope
