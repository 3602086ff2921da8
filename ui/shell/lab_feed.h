// The window's side of the engine: takes its batches, keeps the latest view and the log, and ticks for countdowns.
// The only class of the window that talks to the engine.
#pragma once

#include "core/engine/engine.h"
#include "ui/packets/trace_log.h"

#include <QObject>
#include <QTimer>

namespace sessionscope {

class LabFeed : public QObject
{
    Q_OBJECT

public:
    /// engine outlives the feed.
    explicit LabFeed(Engine &engine, QObject *parent = nullptr);

    const LabView &view() const { return m_view; }
    const TraceLog &log() const { return m_log; }
    /// nullptr while the client is not in the lab.
    const ClientView *client(ClientKey key) const;
    /// nullptr when the bundled broker has no such session.
    const ServerSessionView *session(const QByteArray &clientId) const;
    /// Records that the engine left out because the window was too slow.
    quint64 skipped() const { return m_skipped; }
    Instant now() const { return m_engine.now(); }

    ClientKey newKey() { return m_engine.newClientKey(); }
    void submit(const LabCommand &command);
    void listen(const Endpoint &endpoint) { m_engine.listen(endpoint); }

Q_SIGNALS:
    /// A command goes to the engine.
    void submitting(const sessionscope::LabCommand &command);
    /// A batch came; the view and the log do not have it yet.
    void taking(const sessionscope::EngineBatch &batch);
    void viewChanged();
    /// A few times a second, for everything that counts down.
    void ticked();
    void listening(const QString &url);
    void listenFailed(const QString &why);

private:
    static constexpr std::chrono::milliseconds tick{250};
    void take();

    Engine &m_engine;
    TraceLog m_log;
    LabView m_view;
    quint64 m_skipped = 0;
    QTimer m_timer;
};

} // namespace sessionscope
