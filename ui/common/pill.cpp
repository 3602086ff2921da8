#include "ui/common/pill.h"

#include "ui/common/theme.h"

#include <QEvent>
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

QSize boxSize(const QString &text, const QFont &font)
{
    const QFontMetrics metrics(font);
    return {metrics.horizontalAdvance(text) + 2 * sidePadding, metrics.height() + 2 * verticalPadding};
}

void paintBox(QPainter *painter, const QRect &box, Tone tone)
{
    painter->setRenderHint(QPainter::Antialiasing);
    painter->setPen(Qt::NoPen);
    painter->setBrush(tinted(toneColour(tone), 0.17));
    painter->drawRoundedRect(box, box.height() / 2.0, box.height() / 2.0);
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
    return boxSize(text, pillFont(font));
}

QRect paintPill(QPainter *painter, const QRect &rect, const QString &text, Tone tone, const QFont &font)
{
    QSize size = pillSize(text, font);
    size.setWidth(std::min(size.width(), rect.width()));
    const QRect box(QPoint(rect.left(), rect.top() + (rect.height() - size.height()) / 2), size);
    painter->save();
    paintBox(painter, box, tone);
    painter->setFont(pillFont(font));
    painter->setPen(toneColour(tone));
    const QRect inner = box.adjusted(sidePadding, 0, -sidePadding, 0);
    painter->drawText(inner, Qt::AlignCenter,
                      painter->fontMetrics().elidedText(text, Qt::ElideRight, inner.width() + 1));
    painter->restore();
    return box;
}

Pill::Pill(QWidget *parent) : QLabel(parent)
{
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    setFont(pillFont(font()));
    setTextFormat(Qt::PlainText);
    setAlignment(Qt::AlignCenter);
    setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    setVisible(false);
}

void Pill::setContent(const QString &text, Tone tone)
{
    m_tone = tone;
    takeColour();
    setText(text);
    setVisible(!text.isEmpty());
}

QSize Pill::sizeHint() const
{
    return boxSize(text(), font());
}

void Pill::takeColour()
{
    QPalette palette = this->palette();
    if (palette.color(foregroundRole()) == toneColour(m_tone))
        return;
    palette.setColor(foregroundRole(), toneColour(m_tone));
    palette.setColor(QPalette::HighlightedText, toneColour(m_tone));
    setPalette(palette);
}

void Pill::changeEvent(QEvent *event)
{
    QLabel::changeEvent(event);
    // The theme has other colours for the tones.
    if (event->type() == QEvent::PaletteChange)
        takeColour();
}

void Pill::paintEvent(QPaintEvent *event)
{
    {
        QPainter painter(this);
        paintBox(&painter, rect(), m_tone);
    }
    QLabel::paintEvent(event);
}

} // namespace sessionscope
