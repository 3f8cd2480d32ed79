using System.Text.Json;
using System.Text.Json.Nodes;
using Clouds.Graph.Json;
using Clouds.Graph.Weights;
using Clouds.Native.Catalogue;

namespace Clouds.Tests.Native.Catalogue;

/// <summary>A manifest of a few tensors, and files that hold them.</summary>
internal sealed class SmallManifest
{
    /// <summary>What stands in it; a test changes what it is about.</summary>
    public JsonObject Json { get; } = new()
    {
        ["name"] = "small",
        ["title"] = "A small model",
        ["home"] = "https://example.org/small",
        ["licence"] = "MIT",
        ["names"] = "torchvision",
        ["configuration"] = new JsonObject { ["encoder"] = "in_rn50" },
        ["files"] = new JsonArray(new JsonObject { ["name"] = "small.pth", ["url"] = "https://example.org/small.pth" }),
        ["optional"] = new JsonArray("*.num_batches_tracked"),
        ["ignored"] = new JsonArray("ema.*"),
        ["digest"] = "",
        ["tensors"] = new JsonArray(
            "conv1.weight 2x3 F32", "layer1.{0..2}.conv{1,3}.weight 2x2 F32", "bn1.{weight,bias} 2 F32", "bn1.num_batches_tracked scalar I64"),
    };

    /// <summary>The manifest with another list of tensors or anything else in it.</summary>
    public SmallManifest With(string key, JsonNode? value)
    {
        Json[key] = value;
        return this;
    }

    /// <summary>As text, its digest right unless it is given.</summary>
    public byte[] Text(string? digest = null)
    {
        Json["digest"] = digest ?? List().Digest;
        return JsonSerializer.SerializeToUtf8Bytes(Json);
    }

    /// <summary>As read.</summary>
    public CatalogueEntry Entry() => ManifestReader.Read(Text(), "small.json");

    /// <summary>Puts it into a folder of manifests.</summary>
    public void Save(string folder) => File.WriteAllBytes(Path.Combine(folder, $"{Json["name"]}.json"), Text());

    /// <summary>Writes a file with all of its tensors, numbered; a test leaves out, reshapes or adds.</summary>
    /// <param name="path">The file.</param>
    /// <param name="change">What it makes of the tensors; null: nothing.</param>
    /// <param name="value">The element that every tensor starts with.</param>
    public void Write(string path, Func<IEnumerable<TensorDeclaration>, IEnumerable<TensorDeclaration>>? change = null, float value = 1)
    {
        IEnumerable<TensorDeclaration> all = List().Tensors.Select(tensor => new TensorDeclaration(tensor.Name, tensor.Type, tensor.Shape));
        TensorDeclaration[] tensors = [.. change?.Invoke(all) ?? all];
        using SafetensorsWriter writer = new(path, tensors);
        foreach (TensorDeclaration tensor in tensors)
        {
            byte[] bytes = new byte[tensor.Bytes];
            BitConverter.TryWriteBytes(bytes, value);
            writer.Write(tensor.Name, bytes);
        }

        writer.Commit();
    }

    private TensorList List() => TensorList.Read(
        StrictJson.Parse(JsonSerializer.SerializeToUtf8Bytes(Json), new JsonOrigin("a test", "small.json", Clouds.Diagnostics.Failure.BadInput)).Get("tensors"),
        [.. Json["optional"]!.AsArray().Select(name => (string)name!)], [.. Json["ignored"]!.AsArray().Select(name => (string)name!)]);
}
