using System.Globalization;
using Clouds.Diagnostics;
using Clouds.Graph.Weights;

namespace Clouds.Native.Sam;

/// <summary>Embeddings in safetensors files: one tensor, and in the metadata the image's size and digest and the encoder's digest.</summary>
internal static class EmbeddingFile
{
    private const int Format = 1;
    private const string Tensor = "embedding";
    private const string ModelKey = "clouds.embedding.model", ImageKey = "clouds.embedding.image";
    private const string WidthKey = "clouds.embedding.width", HeightKey = "clouds.embedding.height";

    public static void Write(string path, ImageEmbedding embedding, string model)
    {
        Dictionary<string, string> metadata = new([FormatVersion.Entry(Format)])
        {
            [ModelKey] = model,
            [ImageKey] = embedding.ImageDigest,
            [WidthKey] = embedding.Width.ToString(CultureInfo.InvariantCulture),
            [HeightKey] = embedding.Height.ToString(CultureInfo.InvariantCulture),
        };
        using SafetensorsWriter writer = new(path, [new TensorDeclaration(Tensor, WeightType.F32, [embedding.Values.Length])], metadata);
        writer.Write(Tensor, embedding.Values);
        writer.Commit();
    }

    /// <exception cref="CloudsException">Weights: missing, damaged, no embedding, of a newer version, or of another model.</exception>
    public static ImageEmbedding Read(string path, SegmentAnything owner, int elements)
    {
        using WeightSource file = WeightSource.Open(path);
        FormatVersion.Require(file, "embedding", Format);
        (string? model, string? image) = (file.Metadata.GetValueOrDefault(ModelKey), file.Metadata.GetValueOrDefault(ImageKey));
        bool sized = Size(file, WidthKey, out int width) & Size(file, HeightKey, out int height);
        if (model is null || image is null || !sized || !file.Tensors.ContainsKey(Tensor))
        {
            throw new CloudsException(Failure.Weights, "the file is no embedding of an image", path, $"{file.Tensors.Count} tensors",
                $"the tensor '{Tensor}' and what it belongs to", "embed the image again");
        }

        return model == owner.ModelDigest && file.Entry(Tensor).Elements == elements
            ? new ImageEmbedding(owner, width, height, image, file.ReadFloats(Tensor))
            : throw new CloudsException(Failure.Weights, "the embedding was made by another model", path, model, owner.ModelDigest, "embed the image again");
    }

    private static bool Size(WeightSource file, string key, out int size) =>
        int.TryParse(file.Metadata.GetValueOrDefault(key), NumberStyles.None, CultureInfo.InvariantCulture, out size) && size > 0;
}
