// Writes every vector as a file that fuzz_codec can start from: write_corpus VECTORS FOLDER.
#include "tests/vectors/vectors.h"

#include <QDir>
#include <QFile>

using namespace sessionscope;

int main(int argc, char **argv)
{
    constexpr qsizetype longestSeed = 4096;
    if (argc != 3)
        return EXIT_FAILURE;
    const QDir folder(QString::fromLocal8Bit(argv[2]));
    if (!folder.mkpath(QStringLiteral(".")))
        return EXIT_FAILURE;
    int number = 0;
    for (const auto &vector : vectors::load(QString::fromLocal8Bit(argv[1]))) {
        if (vector.bytes.size() > longestSeed)
            continue;
        QFile file(folder.filePath(QString::number(number++)));
        const char version = vector.version == Version::V5 ? 0 : vector.version == Version::V311 ? 1 : 2;
        if (!file.open(QIODevice::WriteOnly) || file.write(QByteArray(1, version) + '\x07' + vector.bytes) < 0)
            return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}
