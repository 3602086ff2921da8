#include "core/engine/engine.h"

#include "core/engine/engine_worker.h"

namespace sessionscope {

Engine::Engine(MakeNetwork makeNetwork, const EngineOptions &options, QObject *parent)
    : QObject(parent), m_worker(new Worker(*this, std::move(makeNetwork), options)), m_start(m_worker->started())
{
    m_thread.setObjectName(QStringLiteral("engine"));
    m_worker->moveToThread(&m_thread);
    connect(&m_thread, &QThread::started, m_worker, &Worker::start);
    // Deferred deletions are still carried out by a thread whose event loop has ended.
    connect(&m_thread, &QThread::finished, m_worker, &QObject::deleteLater);
    m_thread.start();
}

Engine::~Engine()
{
    QMetaObject::invokeMethod(m_worker, &Worker::shutDown, Qt::QueuedConnection);
    m_thread.wait();
}

void Engine::listen(const Endpoint &endpoint, const BrokerConfig &config)
{
    QMetaObject::invokeMethod(
        m_worker, [worker = m_worker, endpoint, config] { worker->listen(endpoint, config); }, Qt::QueuedConnection);
}

void Engine::stopListening()
{
    QMetaObject::invokeMethod(m_worker, &Worker::stopListening, Qt::QueuedConnection);
}

void Engine::submit(LabCommand command)
{
    QMetaObject::invokeMethod(
        m_worker, [worker = m_worker, command = std::move(command)] { worker->submit(command); }, Qt::QueuedConnection);
}

EngineBatch Engine::takeBatch()
{
    if (!m_batch)
        return {};
    EngineBatch batch = std::move(*m_batch);
    m_batch.reset();
    QMetaObject::invokeMethod(m_worker, &Worker::batchTaken, Qt::QueuedConnection);
    return batch;
}

ClientKey Engine::newClientKey()
{
    return ClientKey{++m_lastKey};
}

Instant Engine::now() const
{
    return Worker::now(m_start);
}

} // namespace sessionscope
