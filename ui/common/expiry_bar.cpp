#include "ui/common/expiry_bar.h"

#include "ui/common/theme.h"

#include <QPainter>

namespace sessionscope {

void paintBar(QPainter *painter, const QRect &rect, qreal share, Tone tone)
{
    const qreal radius = rect.height() / 2.0;
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    painter->setPen(Qt::NoPen);
    painter->setBrush(colours().line);
    painter->drawRoundedRect(rect, radius, radius);
    QRectF filled(rect);
    filled.setWidth(rect.width() * std::clamp(share, 0.0, 1.0));
    if (filled.width() >= 1) {
        painter->setBrush(toneColour(tone));
        painter->drawRoundedRect(filled, radius, radius);
    }
    painter->restore();
}

ExpiryBar::ExpiryBar(QWidget *parent) : QWidget(parent)
{
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

void ExpiryBar::setShare(qreal share, Tone tone)
{
    if (qFuzzyCompare(share + 1, m_share + 1) && tone == m_tone)
        return;
    m_share = share;
    m_tone = tone;
    setAccessibleName(tr("Session life left: %1 %").arg(int(share * 100)));
    update();
}

void ExpiryBar::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    paintBar(&painter, rect(), m_share, m_tone);
}

} // namespace sessionscope
