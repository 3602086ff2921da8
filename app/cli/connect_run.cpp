#include "app/cli/connect_run.h"

#include "app/cli/network.h"

#include "core/auth/scram_authenticator.h"
#include "core/base/overloaded.h"
#include "core/trace/pcapng.h"
#include "core/trace/text.h"

#include <QDateTime>
#include <QFileInfo>
#include <QSaveFile>

namespace sessionscope::cli {

namespace {

std::chrono::milliseconds timerTime(Duration duration)
{
    // QTimer counts milliseconds in 31 bits; nobody waits for 24 days here.
    constexpr std::chrono::milliseconds longest{0x7FFF'FFFF};
    return std::min(std::chrono::ceil<std::chrono::milliseconds>(duration), longest);
}

} // namespace

ConnectRun::ConnectRun(const ConnectPlan &plan)
    : m_plan(plan), m_reporter(plan.asJson ? Format::Json : Format::Text, plan.showPackets),
      m_engine(makeNetwork, {.makeAuthenticator = makeScramAuthenticator}),
      m_steps(plan.steps.begin(), plan.steps.end()), m_holdsAcks(!plan.heldAcks.empty())
{
    m_timeout.setSingleShot(true);
    connect(&m_timeout, &QTimer::timeout, this, &ConnectRun::awaitElapsed);
    connect(&m_engine, &Engine::batchReady, this, &ConnectRun::takeBatch);
    connect(&m_engine, &Engine::brokerFailed, this, &ConnectRun::fail);
    connect(&m_engine, &Engine::brokerListening, this, [this](const QString &url) { addClient(*parseEndpoint(url)); });
}

void ConnectRun::start()
{
    if (m_plan.broker)
        return addClient(*m_plan.broker);
    await(Await::Listening);
    Endpoint anyPort;
    anyPort.port = 0;
    m_engine.listen(anyPort);
}

void ConnectRun::addClient(const Endpoint &broker)
{
    m_client = m_engine.newClientKey();
    if (!m_plan.recordFile.isEmpty())
        m_recorder = std::make_unique<Recorder>(QFileInfo(m_plan.recordFile).completeBaseName(),
                                                m_plan.broker ? std::nullopt : std::optional(broker));
    if (!m_plan.captureFile.isEmpty()) {
        m_capture = std::make_unique<Recording>();
        m_capture->program = QStringLiteral("sessionscope-cli " SESSIONSCOPE_VERSION);
        m_capture->broker = m_plan.broker ? toUrl(broker) : QStringLiteral("bundled");
        m_capture->title = QStringLiteral("connect ") + m_capture->broker;
        m_capture->startedAt =
            QDateTime::currentMSecsSinceEpoch() -
            std::chrono::duration_cast<std::chrono::milliseconds>(m_engine.now() - Instant{}).count();
        m_capture->clients[m_client] =
            m_plan.connect.clientId.isEmpty() ? QStringLiteral("client") : QString::fromUtf8(m_plan.connect.clientId);
    }
    give(AddClient{m_client, m_plan.connect.clientId, broker, m_plan.policy, m_plan.authentication});
    if (!m_plan.misbehaviour.isEmpty())
        give(MisbehaveClient{m_client, m_plan.misbehaviour});
    if (m_holdsAcks)
        submit(HoldAcknowledgements{m_plan.heldAcks});
    stepDone();
}

void ConnectRun::give(const LabCommand &command)
{
    if (m_recorder) {
        m_recorder->submitted(command);
        m_restOwed = true;
    }
    m_isQuiet = false;
    m_givenAt = m_engine.now();
    m_engine.submit(command);
}

void ConnectRun::goOn()
{
    if (m_isFinished || m_await != Await::Nothing)
        return;
    if (m_recorder && std::exchange(m_restOwed, false))
        return awaitQuiet(Await::Rest);
    if (m_steps.empty())
        return endGame();
    const Step step = m_steps.front();
    m_steps.pop_front();
    begin(step);
}

void ConnectRun::begin(const Step &step)
{
    std::visit(Overloaded{[this](const WaitStep &wait) { awaitTime(wait.duration); },
                          [this](const CutStep &cut) {
                              give(CutLink{m_client, cut.how});
                              await(Await::Closed);
                          },
                          [this](const ConnectStep &connect) {
                              if (connect.again)
                                  submit(ReconnectCommand{});
                              else
                                  submit(ConnectCommand{m_plan.connect});
                              await(Await::Connack);
                          },
                          [this](const DisconnectStep &disconnect) {
                              submit(disconnect.command);
                              await(Await::Closed);
                          },
                          [this](const PublishStep &publish) {
                              m_publish.reset();
                              m_publishQos = publish.message.qos;
                              submit(PublishCommand{publish.message});
                              await(Await::Publish);
                          },
                          [this](const RequestStep &request) {
                              submit(RequestCommand{request.message, {}, m_plan.timeout});
                              await(Await::Response);
                          },
                          [this](const HoldStep &hold) {
                              m_holdsAcks = !hold.command.types.empty();
                              submit(hold.command);
                              stepDone();
                          },
                          [this](const ReleaseStep &release) {
                              submit(release.command);
                              stepDone();
                          },
                          [this](const ReauthenticateStep &) {
                              submit(ReauthenticateCommand{});
                              await(Await::Trust);
                          },
                          [this](const SubscribeStep &subscribe) {
                              submit(SubscribeCommand{{subscribe.entry}, subscribe.properties});
                              await(Await::Request);
                          },
                          [this](const UnsubscribeStep &unsubscribe) {
                              submit(UnsubscribeCommand{{unsubscribe.filter}, {}});
                              await(Await::Request);
                          },
                          [this](const StateStep &) { awaitQuiet(Await::Quiet); },
                          [this](const QuitStep &) {
                              m_steps.clear();
                              m_ending = Ending::State;
                              stepDone();
                          }},
               step);
}

void ConnectRun::await(Await what)
{
    m_await = what;
    m_timeout.start(timerTime(m_plan.timeout));
}

void ConnectRun::awaitTime(Duration duration)
{
    m_await = Await::Time;
    m_timeout.start(timerTime(duration));
}

void ConnectRun::awaitQuiet(Await what)
{
    await(what);
    if (m_isQuiet)
        quietReached();
}

void ConnectRun::quietReached()
{
    if (m_await == Await::Quiet)
        m_reporter.state(m_view, !m_plan.broker);
    else if (m_await != Await::Rest)
        return;
    stepDone();
}

void ConnectRun::stepDone()
{
    m_await = Await::Nothing;
    m_timeout.stop();
    // Not from inside the batch that is being read: the rest of it belongs to the step that is done.
    QMetaObject::invokeMethod(this, &ConnectRun::goOn, Qt::QueuedConnection);
}

void ConnectRun::checkViewConditions()
{
    if (m_await == Await::Messages && m_received >= *m_plan.count)
        return stepDone();
    if (m_await == Await::Acknowledged && !hasOpenMessages())
        stepDone();
}

void ConnectRun::awaitElapsed()
{
    switch (m_await) {
    case Await::Nothing:
        return;
    case Await::Time:
        return stepDone();
    case Await::Quiet:
    case Await::Rest:
        return quietReached();
    case Await::Listening:
        return fail(QStringLiteral("the bundled broker did not start in time"));
    case Await::Connack:
        return fail(QStringLiteral("no CONNACK in time"));
    case Await::Request:
        return fail(QStringLiteral("no answer to the request in time"));
    case Await::Publish:
        return fail(QStringLiteral("the publish was not acknowledged in time"));
    case Await::Response:
        return fail(QStringLiteral("no response to the request in time"));
    case Await::Trust:
        return fail(QStringLiteral("the authentication did not end in time"));
    case Await::Closed:
        return fail(QStringLiteral("the connection did not close in time"));
    case Await::Messages:
        return fail(QStringLiteral("%1 of %2 messages came in time").arg(m_received).arg(*m_plan.count));
    case Await::Acknowledged:
        return fail(QStringLiteral("not every message was acknowledged in time"));
    }
}

// The steps are done: what --count, --wait, --state and good manners ask for, one after the other.
void ConnectRun::endGame()
{
    switch (m_ending) {
    case Ending::Messages:
        m_ending = Ending::Stay;
        if (m_plan.count && m_received < *m_plan.count)
            return await(Await::Messages);
        [[fallthrough]];
    case Ending::Stay:
        if (m_plan.staysUntilStopped)
            return;
        m_ending = Ending::Wait;
        [[fallthrough]];
    case Ending::Wait:
        m_ending = Ending::Acknowledged;
        if (m_plan.wait)
            return awaitTime(*m_plan.wait);
        [[fallthrough]];
    case Ending::Acknowledged:
        m_ending = Ending::State;
        if (m_isConnected && hasOpenMessages())
            return await(Await::Acknowledged);
        [[fallthrough]];
    case Ending::State:
        m_ending = Ending::Disconnect;
        if (m_plan.showState)
            return begin(StateStep{});
        [[fallthrough]];
    case Ending::Disconnect:
        m_ending = Ending::Done;
        if (m_isConnected)
            return begin(DisconnectStep{});
        [[fallthrough]];
    case Ending::Done:
        return finish(ExitCode::Ok);
    }
}

bool ConnectRun::hasOpenMessages() const
{
    if (m_view.clients.isEmpty())
        return false;
    const ClientView &client = m_view.clients.first();
    return client.sentTotal > 0 || client.neverSentTotal > 0;
}

// Asked twice, it goes without a word.
void ConnectRun::stop()
{
    if (std::exchange(m_isStopped, true))
        return finish(ExitCode::Ok);
    m_steps.clear();
    m_ending = Ending::State;
    stepDone();
}

void ConnectRun::keyPressed(char key)
{
    switch (key) {
    case 'c':
        give(CutLink{m_client, CloseHow::Close});
        return;
    case 'r':
        submit(ReconnectCommand{});
        return;
    case 'd':
        submit(DisconnectCommand{});
        return;
    case 'h':
        m_holdsAcks = !m_holdsAcks;
        submit(HoldAcknowledgements{m_holdsAcks ? std::vector{PacketType::Puback, PacketType::Pubrec}
                                                : std::vector<PacketType>{}});
        return;
    case 'a':
        submit(ReleaseAcknowledgements{});
        return;
    case 's':
        m_reporter.state(m_view, !m_plan.broker);
        return;
    case 'q':
        stop();
        return;
    default:
        m_reporter.note(QStringLiteral("c cut · r reconnect · d disconnect · h hold · a release · s state · q quit"));
    }
}

void ConnectRun::fail(const QString &why)
{
    if (m_isFinished)
        return;
    printNote(QStringLiteral("sessionscope-cli connect: ") + why);
    if (m_isInteractive && m_client.value && m_steps.empty() && m_ending == Ending::Stay && !m_isStopped) {
        m_await = Await::Nothing;
        m_timeout.stop();
        return;
    }
    finish(ExitCode::Failed);
}

bool ConnectRun::writeRecording()
{
    const QByteArray text = m_recorder->file();
    QSaveFile file(m_plan.recordFile);
    const bool isWritten = file.open(QIODevice::WriteOnly) && file.write(text) == text.size() && file.commit();
    if (isWritten)
        m_reporter.note(QStringLiteral("recorded: sessionscope-cli run %1").arg(m_plan.recordFile));
    else
        printNote(QStringLiteral("sessionscope-cli connect: \"%1\": %2").arg(m_plan.recordFile, file.errorString()));
    return isWritten;
}

bool ConnectRun::writeCapture()
{
    const bool isForWireshark = m_plan.captureFile.endsWith(u".pcapng");
    const QByteArray content = isForWireshark ? writePcapng(*m_capture) : sessionscope::writeRecording(*m_capture);
    if (m_captureLeftOut > 0)
        printNote(QStringLiteral("sessionscope-cli connect: \"%1\" holds %2 records: %3 later ones are left out")
                      .arg(m_plan.captureFile)
                      .arg(m_capture->records.size())
                      .arg(m_captureLeftOut));
    QSaveFile file(m_plan.captureFile);
    const bool isWritten = file.open(QIODevice::WriteOnly) && file.write(content) == content.size() && file.commit();
    if (!isWritten)
        printNote(QStringLiteral("sessionscope-cli connect: \"%1\": %2").arg(m_plan.captureFile, file.errorString()));
    return isWritten;
}

void ConnectRun::finish(ExitCode code)
{
    m_isFinished = true;
    m_timeout.stop();
    if (m_capture && !writeCapture())
        code = std::max(code, ExitCode::Failed);
    if (m_recorder && !writeRecording())
        code = std::max(code, ExitCode::Failed);
    Q_EMIT finished(code);
}

} // namespace sessionscope::cli
