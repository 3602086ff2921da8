// The looks of the window: one set of named colours for light and one for dark, applied as Fusion palette and style
// sheet. Every painter asks colours() while it paints, so a change of theme needs nothing but a repaint.
#pragma once

#include <QColor>
#include <QFont>

namespace sessionscope {

enum class ThemeChoice : quint8
{
    System,
    Light,
    Dark
};

/// What a colour is for; never what it looks like.
struct Colours
{
    bool dark = false;
    QColor window;    ///< behind the panels
    QColor panel;     ///< tables, forms, bars
    QColor line;      ///< separators and frames
    QColor ink;       ///< text
    QColor dim;       ///< captions and what is secondary
    QColor accent;    ///< from client to broker, links, the main button
    QColor ok;        ///< connected; from broker to client
    QColor warning;   ///< running out, different at both ends
    QColor bad;       ///< broken, refused
    QColor selection; ///< background of selected rows
    QColor highlight; ///< background of rows that need a look
};

/// The colours in force.
const Colours &colours();

/// Sets style, palette and style sheet of the application. System follows the desktop's palette as found at the start.
void applyTheme(ThemeChoice choice);

/// A colour mixed into the panel's: share 0 is the panel, 1 the colour itself.
QColor tinted(const QColor &colour, qreal share);

/// The fixed-width font for ids, times and bytes, a little smaller than the text beside it.
QFont monospaceFont();

} // namespace sessionscope
