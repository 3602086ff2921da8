#include "core/net/layer_stack.h"

#include <QStringList>

#include <algorithm>

namespace sessionscope {

using State = Layer::State;

namespace {

bool isOver(State state)
{
    return state == State::Ended || state == State::Failed;
}

} // namespace

void LayerStack::start()
{
    m_layers.front()->start();
}

void LayerStack::receive(const QByteArray &bytes)
{
    QByteArray rising = bytes;
    for (std::size_t i = 0; i < m_layers.size(); ++i) {
        Layer &layer = *m_layers[i];
        if (!rising.isEmpty())
            layer.receive(rising);
        rising = layer.takeUp();
        const bool isTop = i + 1 == m_layers.size();
        if (!isTop && layer.state() == State::Open && m_layers[i + 1]->state() == State::Waiting)
            m_layers[i + 1]->start();
        if (!isTop && m_layers[i + 1]->state() == State::Waiting)
            break;
    }
    m_up += rising;
    moveDown();
}

void LayerStack::send(const QByteArray &bytes)
{
    m_layers.back()->send(bytes);
    moveDown();
}

void LayerStack::setBacklogged(bool on)
{
    for (const auto &layer : m_layers)
        layer->setBacklogged(on);
    moveDown();
}

void LayerStack::close(CloseHow how)
{
    for (auto layer = m_layers.rbegin(); layer != m_layers.rend(); ++layer) {
        if ((*layer)->canSend())
            (*layer)->close(how);
        moveDown();
    }
}

// What a layer has for below is sent by the one that is there.
void LayerStack::moveDown()
{
    for (std::size_t i = m_layers.size() - 1; i > 0; --i) {
        const QByteArray bytes = m_layers[i]->takeDown();
        if (!bytes.isEmpty() && m_layers[i - 1]->canSend())
            m_layers[i - 1]->send(bytes);
    }
}

QByteArray LayerStack::takeDown()
{
    return m_layers.front()->takeDown();
}

State LayerStack::state() const
{
    State worst = State::Open;
    for (const auto &layer : m_layers) {
        if (isOver(layer->state()))
            return layer->state();
        if (layer->state() != State::Open)
            worst = State::Handshaking;
    }
    return worst;
}

bool LayerStack::canSend() const
{
    return std::ranges::all_of(m_layers, [](const auto &layer) { return layer->canSend(); });
}

QString LayerStack::handshake() const
{
    for (const auto &layer : m_layers) {
        if (layer->state() != State::Open)
            return layer->name();
    }
    return {};
}

QString LayerStack::agreed() const
{
    QStringList parts;
    for (const auto &layer : m_layers) {
        if (const QString text = layer->agreed(); !text.isEmpty())
            parts << text;
    }
    return parts.join(QStringLiteral(", "));
}

// The highest layer that is over knows best; one that is still open was cut short by the end of the one below.
QString LayerStack::words() const
{
    for (auto layer = m_layers.rbegin(); layer != m_layers.rend(); ++layer) {
        if (isOver((*layer)->state()))
            return (*layer)->words();
        const bool isBelowEnded = layer + 1 != m_layers.rend() && (*(layer + 1))->state() == State::Ended;
        if ((*layer)->state() == State::Open && isBelowEnded)
            return (*layer)->cutShort();
    }
    return {};
}

QString LayerStack::cutShort() const
{
    if (state() == State::Handshaking)
        return QStringLiteral("within the %1 handshake").arg(handshake());
    return m_layers.back()->cutShort();
}

} // namespace sessionscope
