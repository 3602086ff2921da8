// A word in a rounded, tinted box: states and settings that have to be seen at a glance.
#pragma once

#include <QWidget>

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

class Pill : public QWidget
{
    Q_OBJECT

public:
    explicit Pill(QWidget *parent = nullptr);

    /// An empty text hides the pill. Its accessible name is the text.
    void setContent(const QString &text, Tone tone);
    QString text() const { return m_text; }

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return sizeHint(); }

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    QString m_text;
    Tone m_tone = Tone::Neutral;
};

} // namespace sessionscope
