using System.Security.Cryptography;
using System.Text.Json.Serialization;
using Clouds.Graph.Files;
using Clouds.Native.Images;

namespace Clouds.Native.Generation.Store;

/// <summary>The image that a store's images begin from.</summary>
/// <param name="Name">Its file's name, without folders.</param>
/// <param name="Sha256">Digest of its file.</param>
public sealed record StartImage(string Name, string Sha256)
{
    /// <summary>Its pixels; null where only the record of it is there.</summary>
    [JsonIgnore]
    public RgbImage? Pixels { get; init; }

    /// <summary>Reads one.</summary>
    /// <param name="path">The file.</param>
    /// <param name="warn">Told what decoders complain of.</param>
    /// <exception cref="Clouds.Diagnostics.CloudsException">BadInput: as <see cref="ImageFile.Read(string, Action{string}?)"/>.</exception>
    public static StartImage Read(string path, Action<string>? warn = null)
    {
        byte[] bytes = WholeFile.Read(path, ImageLimits.FileBytes);
        return new StartImage(Path.GetFileName(path), Convert.ToHexStringLower(SHA256.HashData(bytes))) { Pixels = ImageFile.Decode(bytes, path, warn) };
    }
}
