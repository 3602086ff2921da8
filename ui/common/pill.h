// A word in a rounded, tinted box: states and settings that have to be seen at a glance.
#pragma once

#include <QLabel>

class QPainter;

namespace sessionscope {

enum class Tone : quint8
{
    Neutral,
    Good,
    Info,
    Warning,
    Bad
};

/// The colour behind a tone in the theme in force.
QColor toneColour(Tone tone);

/// Paints a pill into rect, left-aligned in it, and returns what it took. For delegates and for Pill itself.
QRect paintPill(QPainter *painter, const QRect &rect, const QString &text, Tone tone, const QFont &font);

/// The size of a pill with this text.
QSize pillSize(const QString &text, const QFont &font);

class Pill : public QLabel
{
    Q_OBJECT

public:
    explicit Pill(QWidget *parent = nullptr);

    /// An empty text hides the pill. It can be selected, but is no stop for Tab: pills repeat what stands elsewhere.
    void setContent(const QString &text, Tone tone);

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return sizeHint(); }

protected:
    void paintEvent(QPaintEvent *event) override;
    void changeEvent(QEvent *event) override;

private:
    void takeColour();

    Tone m_tone = Tone::Neutral;
};

} // namespace sessionscope
