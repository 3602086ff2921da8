#include "core/engine/engine_worker.h"

namespace sessionscope {

namespace {

/// A deadline that is far away is looked at again now and then; QTimer counts milliseconds in 31 bits.
constexpr std::chrono::hours longestTimer{1};

/// A view that is expensive to make is made less often: this many times its cost lie between two of them.
constexpr int viewCostFactor = 8;

} // namespace

Engine::Worker::Worker(Engine &engine, MakeNetwork makeNetwork, const EngineOptions &options)
    : m_engine(engine), m_makeNetwork(std::move(makeNetwork)), m_makeAuthenticator(options.makeAuthenticator),
      m_deadlineTimer(this), m_frameTimer(this), m_quietTimer(this)
{
    m_lab.trace = Trace(options.traceLevel, options.traceLimits);
    m_deadlineTimer.setSingleShot(true);
    m_deadlineTimer.setTimerType(Qt::PreciseTimer);
    connect(&m_deadlineTimer, &QTimer::timeout, this, &Worker::deadlineReached);
    m_frameTimer.setSingleShot(true);
    m_frameTimer.setTimerType(Qt::PreciseTimer);
    connect(&m_frameTimer, &QTimer::timeout, this, &Worker::makeBatch);
    m_quietTimer.setSingleShot(true);
    connect(&m_quietTimer, &QTimer::timeout, this, &Worker::makeBatch);
}

Instant Engine::Worker::now(std::chrono::steady_clock::time_point start)
{
    return Instant(std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - start));
}

void Engine::Worker::start()
{
    m_network = m_makeNetwork();
    m_driver = std::make_unique<Driver>(
        m_lab, *m_network, [this] { return now(); }, m_makeAuthenticator);
    m_driver->setAfterFlush([this] { turnDone(); });
}

void Engine::Worker::listen(const Endpoint &endpoint, const BrokerConfig &config)
{
    m_driver->submit(ConfigureBroker{config});
    const auto listening = m_driver->listen(endpoint);
    turnDone();
    const auto report = [engine = &m_engine, listening, url = toUrl(endpoint)] {
        if (listening)
            Q_EMIT engine->brokerListening(toUrl(*listening));
        else
            Q_EMIT engine->brokerFailed(listening.error(), url);
    };
    QMetaObject::invokeMethod(&m_engine, report, Qt::QueuedConnection);
}

void Engine::Worker::stopListening()
{
    m_driver->stopListening();
    turnDone();
}

// Commands that wait already are carried out first: a thousand messages go out with a few writes.
void Engine::Worker::submit(const LabCommand &command)
{
    m_driver->carryOut(command);
    if (!std::exchange(m_isFlushDue, true))
        QMetaObject::invokeMethod(this, &Worker::flush, Qt::QueuedConnection);
}

void Engine::Worker::flush()
{
    m_isFlushDue = false;
    m_driver->flush();
}

void Engine::Worker::batchTaken()
{
    m_isUnread = false;
    armFrame();
}

void Engine::Worker::shutDown()
{
    m_isClosing = true;
    m_frameTimer.stop();
    m_quietTimer.stop();
    m_driver->stopListening();
    m_driver->submit(BrokerDo{ShutDown{}});
    std::vector<ClientKey> keys;
    for (const auto &[key, client] : m_lab.clients)
        keys.push_back(key);
    for (const ClientKey key : keys)
        m_driver->submit(CutLink{key, CloseHow::Close});
    if (m_lab.links.size() == 0)
        return m_engine.m_thread.quit();
    QTimer::singleShot(Engine::closingLimit, this, [this] { m_engine.m_thread.quit(); });
}

void Engine::Worker::turnDone()
{
    ++m_changes;
    if (m_isClosing) {
        if (m_lab.links.size() == 0)
            m_engine.m_thread.quit();
        return;
    }
    armDeadline();
    armFrame();
}

// A timer that would fire too early stays: it costs one look. One that would fire too late is set again.
void Engine::Worker::armDeadline()
{
    const auto deadline = m_driver->nextDeadline();
    if (!deadline || (m_armedFor && *m_armedFor <= *deadline))
        return;
    const auto wait = std::chrono::ceil<std::chrono::milliseconds>(*deadline - now());
    m_armedFor = *deadline;
    m_deadlineTimer.start(std::clamp<std::chrono::milliseconds>(wait, std::chrono::milliseconds(0), longestTimer));
}

void Engine::Worker::deadlineReached()
{
    m_armedFor.reset();
    m_driver->tick();
}

bool Engine::Worker::hasNews() const
{
    return m_changes != m_changesShown || m_lab.trace.last() != m_lastRead;
}

void Engine::Worker::armFrame()
{
    if (m_isUnread || m_isClosing || m_frameTimer.isActive())
        return;
    if (!hasNews()) {
        if (!m_hasToldQuiet && m_changes > 0)
            m_quietTimer.start(Engine::quietAfter);
        return;
    }
    m_quietTimer.stop();
    const auto wait = std::chrono::ceil<std::chrono::milliseconds>(m_lastBatchAt + m_batchInterval - now());
    m_frameTimer.start(std::max(wait, std::chrono::milliseconds(0)));
}

void Engine::Worker::makeBatch()
{
    const Instant begin = now();
    auto batch = std::make_shared<EngineBatch>();
    batch->isQuiet = m_hasToldQuiet = !hasNews();
    const Trace &trace = m_lab.trace;
    const quint64 last = trace.last().value;
    quint64 first = std::max(m_lastRead.value + 1, trace.first().value);
    if (last >= first + batchRecordLimit)
        first = last - batchRecordLimit + 1;
    batch->skipped = first - (m_lastRead.value + 1);
    batch->records.reserve(std::size_t(last + 1 - first));
    for (quint64 seq = first; seq <= last; ++seq)
        batch->records.push_back(*trace.record(TraceSeq{seq}));
    batch->view = viewOf(m_lab, begin);
    m_lastRead = TraceSeq{last};
    m_changesShown = m_changes;
    m_isUnread = true;
    m_lastBatchAt = now();
    m_batchInterval = std::max<Duration>(Engine::frame, viewCostFactor * (m_lastBatchAt - begin));
    const auto handOver = [engine = &m_engine, batch = std::move(batch)] {
        engine->m_batch = batch;
        Q_EMIT engine->batchReady();
    };
    QMetaObject::invokeMethod(&m_engine, handOver, Qt::QueuedConnection);
}

} // namespace sessionscope
