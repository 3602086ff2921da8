// In-memory pipes under an event loop: whatever is flushed, opened or closed is delivered by the loop's next rounds.
#pragma once

#include "core/link/pipe_network.h"

#include <QTimer>

namespace sessionscope {

class PumpedNetwork final : public Network
{
public:
    PumpedNetwork()
    {
        m_pump.setInterval(0);
        QObject::connect(&m_pump, &QTimer::timeout, &m_pump, [this] {
            if (!m_pipes.deliver())
                m_pump.stop();
        });
    }

    void setSink(LinkSink *sink) override { m_pipes.setSink(sink); }
    Result<Endpoint, QString> listen(const Endpoint &endpoint) override { return m_pipes.listen(endpoint); }
    void stopListening() override { m_pipes.stopListening(); }
    void open(LinkId link, const Endpoint &endpoint) override
    {
        m_pipes.open(link, endpoint);
        m_pump.start();
    }
    void send(LinkId link, const QByteArray &head, const QByteArray &payload) override
    {
        m_pipes.send(link, head, payload);
    }
    void flush() override
    {
        m_pipes.flush();
        m_pump.start();
    }
    void close(LinkId link, CloseHow how) override
    {
        m_pipes.close(link, how);
        m_pump.start();
    }
    qsizetype unsentBytes(LinkId link) const override { return m_pipes.unsentBytes(link); }
    void setReading(LinkId link, bool on) override
    {
        m_pipes.setReading(link, on);
        m_pump.start();
    }

private:
    PipeNetwork m_pipes;
    QTimer m_pump;
};

} // namespace sessionscope
