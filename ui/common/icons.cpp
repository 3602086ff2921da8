// An icon engine that renders an SVG with its black replaced by the colour of the moment.
#include "ui/common/icons.h"

#include "ui/common/theme.h"

#include <QFile>
#include <QIconEngine>
#include <QPainter>
#include <QSvgRenderer>

// The resource's initialiser has to be named outside of any namespace.
static void initSessionscopeResources()
{
    Q_INIT_RESOURCE(sessionscope);
    Q_INIT_RESOURCE(statements);
}

namespace sessionscope {

namespace {

class SvgInkEngine : public QIconEngine
{
public:
    explicit SvgInkEngine(QByteArray svg) : m_svg(std::move(svg)) {}

    void paint(QPainter *painter, const QRect &rect, QIcon::Mode mode, QIcon::State) override
    {
        const QColor ink = mode == QIcon::Disabled ? tinted(colours().dim, 0.5) : colours().ink;
        QByteArray coloured = m_svg;
        QSvgRenderer renderer(coloured.replace("#000000", ink.name().toLatin1()));
        renderer.render(painter, rect);
    }

    QPixmap pixmap(const QSize &size, QIcon::Mode mode, QIcon::State state) override
    {
        QPixmap pixmap(size);
        pixmap.fill(Qt::transparent);
        QPainter painter(&pixmap);
        paint(&painter, QRect({}, size), mode, state);
        return pixmap;
    }

    QIconEngine *clone() const override { return new SvgInkEngine(m_svg); }
    bool isNull() override { return m_svg.isEmpty(); }

private:
    QByteArray m_svg;
};

} // namespace

QIcon themedIcon(const char *name)
{
    QFile file(QStringLiteral(":/icons/%1.svg").arg(QLatin1StringView(name)));
    if (!file.open(QIODevice::ReadOnly))
        return {};
    return QIcon(new SvgInkEngine(file.readAll()));
}

QIcon applicationIcon()
{
    return QIcon(QStringLiteral(":/icons/sessionscope.svg"));
}

void initResources()
{
    initSessionscopeResources();
}

} // namespace sessionscope
