#include "ui/common/pill.h"

#include "ui/common/theme.h"

#include <QPainter>

namespace sessionscope {

namespace {

constexpr int sidePadding = 8;
constexpr int verticalPadding = 2;

QFont pillFont(const QFont &base)
{
    QFont font = base;
    font.setPointSizeF(base.pointSizeF() * 0.92);
    font.setWeight(QFont::DemiBold);
    return font;
}

} // namespace

QColor toneColour(Tone tone)
{
    switch (tone) {
    case Tone::Neutral:
        return colours().dim;
    case Tone::Good:
        return colours().ok;
    case Tone::Info:
        return colours().accent;
    case Tone::Warning:
        return colours().warning;
    case Tone::Bad:
        return colours().bad;
    }
    return {};
}

QSize pillSize(const QString &text, const QFont &font)
{
    const QFontMetrics metrics(pillFont(font));
    return {metrics.horizontalAdvance(text) + 2 * sidePadding, metrics.height() + 2 * verticalPadding};
}

QRect paintPill(QPainter *painter, const QRect &rect, const QString &text, Tone tone, const QFont &font)
{
    QSize size = pillSize(text, font);
    size.setWidth(std::min(size.width(), rect.width()));
    const QRect box(QPoint(rect.left(), rect.top() + (rect.height() - size.height()) / 2), size);
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    painter->setPen(Qt::NoPen);
    painter->setBrush(tinted(toneColour(tone), 0.17));
    painter->drawRoundedRect(box, box.height() / 2.0, box.height() / 2.0);
    painter->setFont(pillFont(font));
    painter->setPen(toneColour(tone));
    const QRect inner = box.adjusted(sidePadding, 0, -sidePadding, 0);
    painter->drawText(inner, Qt::AlignCenter,
                      painter->fontMetrics().elidedText(text, Qt::ElideRight, inner.width() + 1));
    painter->restore();
    return box;
}

Pill::Pill(QWidget *parent) : QWidget(parent)
{
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    setVisible(false);
}

void Pill::setContent(const QString &text, Tone tone)
{
    if (text == m_text && tone == m_tone)
        return;
    m_text = text;
    m_tone = tone;
    setAccessibleName(text);
    setVisible(!text.isEmpty());
    updateGeometry();
    update();
}

QSize Pill::sizeHint() const
{
    return pillSize(m_text, font());
}

void Pill::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    paintPill(&painter, rect(), m_text, m_tone, font());
}

} // namespace sessionscope
