// A slim bar that empties while a session runs out. The words beside it say the same; colour is never alone.
#pragma once

#include "ui/common/pill.h"

#include <QWidget>

namespace sessionscope {

/// Paints the bar into rect: share 0 to 1 of its width filled.
void paintBar(QPainter *painter, const QRect &rect, qreal share, Tone tone);

class ExpiryBar : public QWidget
{
    Q_OBJECT

public:
    explicit ExpiryBar(QWidget *parent = nullptr);

    void setShare(qreal share, Tone tone);

    QSize sizeHint() const override { return {160, 6}; }
    QSize minimumSizeHint() const override { return {40, 6}; }

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    qreal m_share = 0;
    Tone m_tone = Tone::Neutral;
};

} // namespace sessionscope
