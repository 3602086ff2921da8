// The two colour sets and the way they reach QPalette and the style sheet in resources/themes.
#include "ui/common/theme.h"

#include <QApplication>
#include <QFile>
#include <QFontDatabase>
#include <QPalette>

namespace sessionscope {

namespace {

Colours lightColours()
{
    return {false,
            QColor(0xf4f5f7),
            QColor(0xffffff),
            QColor(0xd9dce1),
            QColor(0x1d2127),
            QColor(0x5f6775),
            QColor(0x2563c9),
            QColor(0x1a7f4b),
            QColor(0x9a5b00),
            QColor(0xc0342c),
            QColor(0xe0eafb),
            QColor(0xfff4dc)};
}

Colours darkColours()
{
    return {true,
            QColor(0x1b1e23),
            QColor(0x23272e),
            QColor(0x373d47),
            QColor(0xe4e7ec),
            QColor(0x9fa8b7),
            QColor(0x6ea3f5),
            QColor(0x57c78c),
            QColor(0xe3a84a),
            QColor(0xef7a72),
            QColor(0x2b3a55),
            QColor(0x3c3320)};
}

Colours &current()
{
    static Colours inForce = lightColours();
    return inForce;
}

/// Whether the desktop asked for dark, judged before a palette of ours replaced its own.
bool desktopIsDark()
{
    static const bool dark = QApplication::palette().color(QPalette::Window).lightness() < 128;
    return dark;
}

QPalette paletteOf(const Colours &c)
{
    QPalette palette;
    palette.setColor(QPalette::Window, c.window);
    palette.setColor(QPalette::WindowText, c.ink);
    palette.setColor(QPalette::Base, c.panel);
    palette.setColor(QPalette::AlternateBase, c.window);
    palette.setColor(QPalette::Text, c.ink);
    palette.setColor(QPalette::Button, c.panel);
    palette.setColor(QPalette::ButtonText, c.ink);
    palette.setColor(QPalette::BrightText, c.bad);
    palette.setColor(QPalette::ToolTipBase, c.panel);
    palette.setColor(QPalette::ToolTipText, c.ink);
    palette.setColor(QPalette::Highlight, c.selection);
    palette.setColor(QPalette::HighlightedText, c.ink);
    palette.setColor(QPalette::Link, c.accent);
    palette.setColor(QPalette::LinkVisited, c.accent);
    palette.setColor(QPalette::PlaceholderText, c.dim);
    palette.setColor(QPalette::Light, c.panel);
    palette.setColor(QPalette::Midlight, c.line);
    palette.setColor(QPalette::Mid, c.line);
    palette.setColor(QPalette::Dark, c.line);
    palette.setColor(QPalette::Shadow, c.dark ? QColor(Qt::black) : c.dim);
    for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText, QPalette::HighlightedText})
        palette.setColor(QPalette::Disabled, role, tinted(c.dim, 0.6));
    return palette;
}

QString styleSheetOf(const Colours &c)
{
    QFile file(QStringLiteral(":/themes/sessionscope.qss"));
    if (!file.open(QIODevice::ReadOnly))
        return {};
    QString text = QString::fromUtf8(file.readAll());
    const std::pair<const char *, QColor> names[] = {{"@window", c.window},
                                                     {"@panel", c.panel},
                                                     {"@line", c.line},
                                                     {"@ink", c.ink},
                                                     {"@dim", c.dim},
                                                     {"@accent", c.accent},
                                                     {"@ok", c.ok},
                                                     {"@warning", c.warning},
                                                     {"@bad", c.bad},
                                                     {"@selection", c.selection},
                                                     {"@highlight", c.highlight},
                                                     {"@hover", tinted(c.accent, 0.10)},
                                                     {"@onaccent", c.dark ? c.window : c.panel}};
    for (const auto &[name, colour] : names)
        text.replace(QLatin1StringView(name), colour.name());
    return text.replace(QStringLiteral("@mode"), c.dark ? QStringLiteral("dark") : QStringLiteral("light"));
}

} // namespace

const Colours &colours()
{
    return current();
}

void applyTheme(ThemeChoice choice)
{
    const bool dark = choice == ThemeChoice::System ? desktopIsDark() : (desktopIsDark(), choice == ThemeChoice::Dark);
    current() = dark ? darkColours() : lightColours();
    // Once: a new style would polish every widget a second time.
    static const QStyle *fusion = QApplication::setStyle(QStringLiteral("Fusion"));
    Q_UNUSED(fusion);
    QApplication::setPalette(paletteOf(current()));
    qApp->setStyleSheet(styleSheetOf(current()));
}

QColor tinted(const QColor &colour, qreal share)
{
    const QColor &base = current().panel;
    const auto mix = [share](int from, int to) { return int(from + (to - from) * share + 0.5); };
    return {mix(base.red(), colour.red()), mix(base.green(), colour.green()), mix(base.blue(), colour.blue())};
}

QFont monospaceFont()
{
    QFont font = QFontDatabase::systemFont(QFontDatabase::FixedFont);
    const qreal size = QApplication::font().pointSizeF();
    if (size > 0)
        font.setPointSizeF(size * 0.95);
    return font;
}

} // namespace sessionscope
