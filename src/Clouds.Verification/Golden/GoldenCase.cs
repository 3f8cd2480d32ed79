using System.Text;
using System.Text.Json;
using Clouds.Diagnostics;
using Clouds.Graph.Json;
using Clouds.Graph.Weights;

namespace Clouds.Verification.Golden;

/// <summary>
/// One golden case: a folder with case.json (configuration, names, tolerances), io.safetensors (inputs and expected
/// outputs) and, where the module has weights, weights.safetensors. Dispose it to unmap the files.
/// </summary>
public sealed class GoldenCase : IDisposable
{
    private static readonly JsonElement Empty = JsonElement.Parse("{}");

    private readonly Lazy<WeightSource> _io;
    private readonly Lazy<WeightSource> _weights;

    private GoldenCase(string folder, JsonElement json, string? weights)
    {
        Folder = folder;
        Json = json;
        Module = Text("module") ?? Path.GetFileName(Path.GetDirectoryName(folder)) ?? "";
        Name = Text("case") ?? Path.GetFileName(folder);
        _io = new(() => WeightSource.Open(Path.Combine(folder, "io.safetensors")));
        _weights = new(() => WeightSource.Open(Path.Combine(folder, weights ?? "weights.safetensors")));
        HasWeights = weights is null || File.Exists(Path.Combine(folder, weights));
        Tolerances = CaseTolerances.Read(json, CaseFile);
    }

    /// <summary>The folder of case.json.</summary>
    public string Folder { get; }

    /// <summary>Name of the module, as case.json says; the parent folder's name where it does not.</summary>
    public string Module { get; }

    /// <summary>Name of the case, as case.json says; the folder's name where it does not.</summary>
    public string Name { get; }

    /// <summary>case.json as a whole; bare NaN and infinities of the file appear as strings here.</summary>
    public JsonElement Json { get; }

    /// <summary>The `config` of case.json; empty where it has none.</summary>
    public CaseConfig Config => new(Json.TryGetProperty("config", out JsonElement config) ? config : Empty, $"{CaseFile}: config");

    /// <summary>The weights under their official names.</summary>
    /// <exception cref="CloudsException"><see cref="Failure.Weights"/>: missing or damaged.</exception>
    public WeightSource Weights => _weights.Value;

    /// <summary>Names of every tensor in io.safetensors, inputs and outputs.</summary>
    public IEnumerable<string> TensorNames => _io.Value.Tensors.Keys;

    /// <summary>
    /// Names of the outputs to be reproduced: `io_outputs`, or, where case.json has none, the tensors with a tolerance and those named under
    /// `outputs` only.
    /// </summary>
    public IReadOnlyList<string> OutputNames => Names("io_outputs") ?? [.. TensorNames.Where(IsOutput)];

    internal CaseTolerances Tolerances { get; }

    // Whether the file of weights that was asked for is there.
    internal bool HasWeights { get; }

    private string CaseFile => Path.Combine(Folder, "case.json");

    /// <summary>Reads the case in a folder; its tensors are opened when first asked for.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="weights">Name of the file there that holds the weights, in any container; null for weights.safetensors.</param>
    /// <exception cref="CloudsException"><see cref="Failure.BadInput"/>: case.json is missing or damaged.</exception>
    public static GoldenCase Load(string folder, string? weights = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        string full = Path.GetFullPath(folder).TrimEnd(Path.DirectorySeparatorChar);
        string file = Path.Combine(full, "case.json");
        try
        {
            byte[] text = Encoding.UTF8.GetBytes(CaseText.ToStrictJson(File.ReadAllText(file)));
            StrictJson json = StrictJson.Parse(text, new JsonOrigin("the golden case", file, Failure.BadInput, "fetch the golden case again"));
            return json.Kind == JsonValueKind.Object ? new GoldenCase(full, json.Element, weights) : throw json.Wrong("one JSON object");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CloudsException(
                Failure.BadInput, "a golden case cannot be read", file, e.Message, "a readable case.json", "check the path and the permissions", e);
        }
    }

    /// <summary>Whether io.safetensors holds a tensor.</summary>
    public bool Has(string name) => _io.Value.Tensors.ContainsKey(name);

    /// <summary>Reads a tensor of io.safetensors, an input or an expected output.</summary>
    /// <exception cref="CloudsException"><see cref="Failure.Weights"/>: no such tensor, or a damaged file.</exception>
    public GoldenTensor Tensor(string name) => GoldenTensor.Read(_io.Value, name);

    /// <summary>Unmaps the files; tensors that were read stay valid.</summary>
    public void Dispose()
    {
        if (_io.IsValueCreated)
        {
            _io.Value.Dispose();
        }

        if (_weights.IsValueCreated)
        {
            _weights.Value.Dispose();
        }
    }

    private string? Text(string key) => Json.TryGetProperty(key, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private IReadOnlyList<string>? Names(string key)
    {
        if (!Json.TryGetProperty(key, out JsonElement list) || list.ValueKind != JsonValueKind.Array)
        {
            return null;
        }

        return [.. list.EnumerateArray()
            .Select(name => name.ValueKind == JsonValueKind.String ? name.GetString()! : throw NoName(key, name))];
    }

    private CloudsException NoName(string key, JsonElement name) => new(Failure.BadInput, "a golden case names its tensors wrongly",
        CaseFile, $"{key}: {name.GetRawText()}", "a list of strings", "fetch the golden case again");

    private bool IsOutput(string name) => Tolerances.Find(name) is not null || (Named("outputs", name) && !Named("inputs", name));

    private bool Named(string key, string name) =>
        Json.TryGetProperty(key, out JsonElement section) && section.ValueKind == JsonValueKind.Object
        && section.EnumerateObject().SelectMany(property => property.Name.Split(", ")).Any(pattern => NamePattern.Matches(pattern, name));
}
