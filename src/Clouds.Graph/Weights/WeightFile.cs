using Clouds.Diagnostics;
using Clouds.Graph.Weights.Torch;

namespace Clouds.Graph.Weights;

/// <summary>Opens one file of weights in whatever container its first bytes say; the name of the file says nothing.</summary>
internal static class WeightFile
{
    private const int HeadBytes = 512;
    private const int TarMark = 257;
    private const int SafetensorsJson = 8;

    private static readonly (string Start, string Format)[] Others =
    [
        ("GGUF", "a GGUF file"),
        ("\u0089HDF", "an HDF5 file, as Keras writes them"),
        ("\u001f\u008b", "a file that gzip compressed"),
        ("version https://git-lfs", "a pointer of Git LFS, not the file that it stands for"),
        ("<!DOCTYPE", "a web page"),
        ("<html", "a web page"),
        ("PK\u0005\u0006", "an empty zip archive"),
    ];

    /// <param name="asked">What the user gave, for messages.</param>
    /// <param name="path">The file.</param>
    /// <exception cref="CloudsException"><see cref="Failure.Weights"/>: missing, unreadable, cut off, hostile, or in a container that is not read.</exception>
    public static WeightSource Open(string asked, string path)
    {
        MappedFile file = MappedFile.Open(path);
        try
        {
            return Open(asked, file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private static WeightSource Open(string asked, MappedFile file)
    {
        ReadOnlySpan<byte> head = file.Span(0, (int)Math.Min(file.Bytes, HeadBytes));
        return head.StartsWith("PK\x03\x04"u8) ? TorchArchive.Open(asked, file)
            : IsSafetensors(head) ? SafetensorsFile.Open(asked, file)
            : IsPickle(head) ? TorchStream.Open(asked, file)
            : Other(head) is string format ? throw Unread(file, format)
            : OnnxWeights.Recognises(head) || file.Name.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase) ? OnnxWeights.Open(asked, file)
            : SafetensorsFile.Open(asked, file);
    }

    // The upper half of the header's length, and the brace behind it.
    private static bool IsSafetensors(ReadOnlySpan<byte> head) => head.Length > SafetensorsJson && head[4..].StartsWith("\0\0\0\0{"u8);

    private static bool IsPickle(ReadOnlySpan<byte> head) => head.Length > 2 && head[0] == 0x80 && head[1] is >= 1 and <= 5;

    private static string? Other(ReadOnlySpan<byte> head)
    {
        if (head.Length > TarMark + 5 && head[TarMark..].StartsWith("ustar"u8))
        {
            return "a tar archive, as PyTorch 0.1 wrote them";
        }

        foreach ((string start, string format) in Others)
        {
            if (head.StartsWith(System.Text.Encoding.Latin1.GetBytes(start)))
            {
                return format;
            }
        }

        return null;
    }

    private static CloudsException Unread(MappedFile file, string format) => new(Failure.Weights, "the file is in no format of weights that is read", file.Path,
        format, "safetensors, a file of torch.save, TorchScript, or ONNX", "fetch the weights in one of these formats, or convert them");
}
