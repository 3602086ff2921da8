// One protocol between a socket and MQTT's bytes: TLS, or WebSocket. Bytes go in at one side and are taken out at the
// other. A layer knows no socket, no clock and no owner, so that each can be tested by hand and set upon the other.
#pragma once

#include "core/link/network.h"

#include <utility>

namespace sessionscope {

/// Which end of a connection a layer speaks for.
enum class LayerEnd : quint8
{
    Client,
    Server
};

class Layer
{
public:
    enum class State : quint8
    {
        Waiting, ///< for start()
        Handshaking,
        Open,
        Ended, ///< the other end said goodbye, and sends no more; it takes what comes before close()
        Failed
    };

    Layer() = default;
    virtual ~Layer() = default;
    Q_DISABLE_COPY_MOVE(Layer)

    /// For people: "TLS".
    virtual QString name() const = 0;
    /// What is below is open. A client begins the handshake.
    virtual void start() = 0;
    /// Bytes from below. In any state but Waiting; behind the end they are ignored.
    virtual void receive(const QByteArray &bytes) = 0;
    /// Bytes from above, while canSend().
    virtual void send(const QByteArray &bytes) = 0;
    /// Whether the other end leaves much of what was sent unread. Meanwhile a layer sends no answers of its own.
    virtual void setBacklogged(bool on) { Q_UNUSED(on) }
    /// Says goodbye, or answers the other end's, while canSend(), as this end of a connection asks for it.
    virtual void close(CloseHow how) = 0;
    /// What the handshake came to, for people; may be empty.
    virtual QString agreed() const { return {}; }
    /// How an end without goodbye is called.
    virtual QString cutShort() const = 0;

    State state() const { return m_state; }
    bool canSend() const { return m_state == State::Open || m_state == State::Ended; }
    /// Why it has Failed, or how it Ended; empty when that was as usual.
    const QString &words() const { return m_words; }
    /// Bytes for above, and for below, since they were last taken. They are there in Failed, too: answers to the error.
    QByteArray takeUp() { return std::exchange(m_up, {}); }
    QByteArray takeDown() { return std::exchange(m_down, {}); }

protected:
    void enter(State state) { m_state = state; }
    void end(const QString &words = {}) { leave(State::Ended, words); }
    void fail(const QString &words) { leave(State::Failed, words); }

    QByteArray m_up;
    QByteArray m_down;

private:
    void leave(State state, const QString &words)
    {
        m_state = state;
        m_words = words;
    }

    State m_state = State::Waiting;
    QString m_words;
};

} // namespace sessionscope
