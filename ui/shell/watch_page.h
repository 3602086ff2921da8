// The page of a session at the bundled broker whose client is not one of ours: the broker's end, and the packets it
// saw.
#pragma once

#include "core/trace/session_view.h"
#include "ui/packets/log_model.h"

#include <QWidget>

namespace sessionscope {

class BrokerPanel;
enum class BrokerSight : quint8;
class PacketsPanel;
class SessionHeader;

class WatchPage : public QWidget
{
    Q_OBJECT

public:
    /// log outlives the page.
    WatchPage(const TraceLog &log, const QByteArray &clientId, QWidget *parent = nullptr);

    const QByteArray &clientId() const { return m_clientId; }
    /// session is nullptr when the broker has no such session any more, or when it cannot be seen.
    void setView(BrokerSight sight, const ServerSessionView *session, Instant now);
    void setNow(Instant now);
    PacketsPanel *packets() const { return m_packets; }

private:
    /// Calls found(link, row) for every row from here on in which the broker reports a connection of this client.
    template<class Found> void forLinks(LogRow from, Found found) const;
    void addLinks(LogRow from);
    /// The first row that a link can have of which the broker reports something in this one.
    LogRow beginOf(LinkId link, LogRow reported) const;

    const TraceLog &m_log;
    QByteArray m_clientId;
    SessionHeader *m_header;
    BrokerPanel *m_panel;
    PacketsPanel *m_packets;
};

} // namespace sessionscope
