#include "ui/packets/hex_text.h"

namespace sessionscope::hex {

namespace {

constexpr int offsetWidth = 6; // four digits of offset and two spaces
constexpr int halfGap = 1;     // one more space after the eighth byte

QString line(QByteArrayView bytes, qsizetype offset)
{
    QString text = QStringLiteral("%1  ").arg(offset, 4, 16, QLatin1Char('0'));
    QString characters;
    for (int i = 0; i < bytesPerLine; ++i) {
        if (i == bytesPerLine / 2)
            text += QLatin1Char(' ');
        if (i < bytes.size()) {
            const quint8 byte = quint8(bytes[i]);
            text += QStringLiteral("%1 ").arg(byte, 2, 16, QLatin1Char('0'));
            characters += byte >= 0x20 && byte < 0x7f ? QLatin1Char(char(byte)) : QLatin1Char('.');
        } else {
            text += QStringLiteral("   ");
        }
    }
    return text + QLatin1Char(' ') + characters;
}

} // namespace

QString dump(QByteArrayView bytes, qsizetype limit)
{
    QStringList lines;
    const qsizetype shown = std::min(bytes.size(), limit);
    for (qsizetype offset = 0; offset < shown; offset += bytesPerLine)
        lines << line(bytes.sliced(offset, std::min<qsizetype>(bytesPerLine, shown - offset)), offset);
    return lines.join(QLatin1Char('\n'));
}

int digitColumn(qsizetype byte)
{
    const int place = int(byte % bytesPerLine);
    return offsetWidth + place * 3 + (place >= bytesPerLine / 2 ? halfGap : 0);
}

int characterColumn(qsizetype byte)
{
    return offsetWidth + bytesPerLine * 3 + halfGap + 1 + int(byte % bytesPerLine);
}

qsizetype byteAt(int line, int column, qsizetype size)
{
    for (int place = 0; place < bytesPerLine; ++place) {
        const qsizetype byte = qsizetype(line) * bytesPerLine + place;
        const bool onDigits = column >= digitColumn(byte) && column < digitColumn(byte) + 2;
        if (onDigits || column == characterColumn(byte))
            return byte < size ? byte : -1;
    }
    return -1;
}

} // namespace sessionscope::hex
