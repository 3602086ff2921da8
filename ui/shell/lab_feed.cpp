#include "ui/shell/lab_feed.h"

namespace sessionscope {

LabFeed::LabFeed(Engine &engine, QObject *parent) : QObject(parent), m_engine(engine)
{
    connect(&engine, &Engine::batchReady, this, &LabFeed::take);
    connect(&engine, &Engine::brokerListening, this, &LabFeed::listening);
    connect(&engine, &Engine::brokerFailed, this, &LabFeed::listenFailed);
    connect(&m_timer, &QTimer::timeout, this, &LabFeed::ticked);
    m_timer.start(tick);
}

const ClientView *LabFeed::client(ClientKey key) const
{
    const auto found = std::find_if(m_view.clients.begin(), m_view.clients.end(),
                                    [key](const ClientView &client) { return client.key == key; });
    return found == m_view.clients.end() ? nullptr : &*found;
}

const ServerSessionView *LabFeed::session(const QByteArray &clientId) const
{
    const auto found = std::find_if(m_view.broker.sessions.begin(), m_view.broker.sessions.end(),
                                    [&](const ServerSessionView &session) { return session.clientId == clientId; });
    return found == m_view.broker.sessions.end() ? nullptr : &*found;
}

void LabFeed::submit(const LabCommand &command)
{
    Q_EMIT submitting(command);
    m_engine.submit(command);
}

void LabFeed::take()
{
    EngineBatch batch = m_engine.takeBatch();
    Q_EMIT taking(batch);
    m_skipped += batch.skipped;
    m_view = std::move(batch.view);
    m_log.append(batch.records);
    Q_EMIT viewChanged();
}

} // namespace sessionscope
