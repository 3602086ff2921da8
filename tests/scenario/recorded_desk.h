// A lab on the virtual clock that is recorded, and the file of the recording played again.
#pragma once

#include "core/lab/virtual_driver.h"
#include "core/scenario/recorder.h"
#include "core/scenario/virtual_run.h"

namespace sessionscope {

inline constexpr ClientKey door{1};
inline constexpr ClientKey backend{2};
inline constexpr ClientKey stranger{3};

class Desk
{
public:
    enum class Begin : quint8
    {
        AtOnce,
        Later
    };
    explicit Desk(Begin when = Begin::AtOnce)
        : m_endpoint(*m_driver.listen()), m_recorder(QStringLiteral("Recorded"), m_endpoint),
          m_isRecording(when == Begin::AtOnce)
    {
    }

    /// What comes from here on is recorded.
    void begin()
    {
        m_recorder.beginFrom(m_driver.view(), m_added);
        m_seen = m_driver.lab().trace.last();
        m_isRecording = true;
    }
    void add(ClientKey key, const QByteArray &name, const ClientPolicy &policy = {})
    {
        give(AddClient{key, name, m_endpoint, policy});
    }
    void addProving(ClientKey key, const QByteArray &name, const Authentication &authentication)
    {
        give(AddClient{key, name, m_endpoint, {}, authentication});
    }
    /// The client of another program, as far as the recording goes.
    void addUnrecorded(ClientKey key)
    {
        m_driver.submit(AddClient{key, "stranger", m_endpoint});
        look();
    }
    void give(const LabCommand &command)
    {
        // Nobody clicks as fast as packets come.
        if (m_isDone)
            pass(std::chrono::milliseconds(100));
        m_isDone = true;
        rush({command});
    }
    /// As a program does it: each before the one before has come to anything.
    void rush(const std::vector<LabCommand> &commands)
    {
        for (const LabCommand &command : commands) {
            Recorder::keepAdded(m_added, command);
            if (m_isRecording)
                m_recorder.submitted(command);
            m_driver.submit(command);
        }
        look();
    }
    void unrecorded(const ClientCommand &command)
    {
        m_driver.submit(ClientDo{stranger, command});
        look();
    }
    void pass(Duration duration)
    {
        m_isDone = false;
        m_driver.advance(duration);
        look();
    }
    void connect(ClientKey key, const QByteArray &clientId, bool cleanStart = true, quint32 expiry = 0)
    {
        ConnectPacket packet;
        packet.clientId = clientId;
        packet.cleanStart = cleanStart;
        if (expiry)
            packet.properties.add(PropertyId::SessionExpiryInterval, expiry);
        give(ClientDo{key, ConnectCommand{packet}});
    }
    void subscribe(ClientKey key, const QByteArray &filter, Qos qos)
    {
        give(ClientDo{key, SubscribeCommand{{{filter, {.maximumQos = qos}}}, {}}});
    }
    void publish(ClientKey key, const QByteArray &topic, const QByteArray &payload, Qos qos)
    {
        give(ClientDo{key, PublishCommand{{.topic = topic, .payload = payload, .qos = qos}}});
    }
    QByteArray file() const { return m_recorder.file(); }
    const Recorder &recorder() const { return m_recorder; }

private:
    void look()
    {
        const bool isQuiet = m_driver.runUntilQuiet();
        Q_ASSERT(isQuiet);
        Q_UNUSED(isQuiet);
        if (!m_isRecording)
            return;
        for (; m_seen < m_driver.lab().trace.last();)
            m_recorder.look(*m_driver.lab().trace.record(m_seen = TraceSeq{m_seen.value + 1}));
        m_recorder.look(m_driver.view());
    }

    VirtualDriver m_driver;
    Endpoint m_endpoint;
    Recorder m_recorder;
    std::map<ClientKey, AddClient> m_added;
    bool m_isRecording;
    bool m_isDone = false; ///< and no time has passed since
    TraceSeq m_seen;
};

/// Door is away for 20 minutes; what was published meanwhile comes at the resume.
void resume(Desk &desk);

/// The results of the file's one run, as text where it failed.
RunResult play(const QByteArray &file, const RunOptions &options = {});
/// Verdict, failures, breaches and trace, for a test's message.
QByteArray whyNot(const RunResult &result);

} // namespace sessionscope
