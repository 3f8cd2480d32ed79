using System.Text.Json.Serialization;
using Clouds.Graph.Building;

namespace Clouds.Models.Sam;

/// <summary>Which image encoder, and its sizes: one record for each kind. The attributes are the list of kinds, for the files of models.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(SamVitConfig), SamVitConfig.Kind)]
[JsonDerivedType(typeof(TinyVitConfig), TinyVitConfig.Kind)]
public abstract record ImageEmbedderConfig
{
    /// <summary>Side in pixels of the square frame in which it sees an image. Segment Anything: 1024.</summary>
    public int ImageSize { get; init; } = 1024;

    /// <summary>C, channels of the embedding. Segment Anything: 256.</summary>
    public int Channels { get; init; } = 256;

    /// <summary>Pixels a cell of the embedding, in each direction.</summary>
    [JsonIgnore]
    public abstract int Stride { get; }

    /// <summary>e, cells of the embedding in each direction.</summary>
    [JsonIgnore]
    public int Grid => ImageSize / Stride;

    /// <summary>The encoder.</summary>
    public abstract IImageEmbedder Create();

    /// <summary>What does not fit together in this record: the member, what was found and what is expected; null where everything fits.</summary>
    public abstract (string Member, string Found, string Expected)? Misfit();
}

/// <summary>An image encoder of Segment Anything.</summary>
public interface IImageEmbedder
{
    /// <summary>Builds the network in the graph's present scope.</summary>
    /// <param name="g">Graph.</param>
    /// <param name="image">[N, 3, S, S] with S = ImageSize, normalised, the image at the top left and zeros around it.</param>
    /// <returns>[N, C, e, e].</returns>
    Value Build(GraphBuilder g, Value image);
}
