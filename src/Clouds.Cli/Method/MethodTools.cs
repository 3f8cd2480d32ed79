using Clouds.Native.Generation.Language;
using Clouds.Native.Generation.Painting;
using Clouds.Native.Refinement;

namespace Clouds.Cli.Method;

/// <summary>How a run of the whole method opens its foundation models. Whoever opens one disposes it.</summary>
/// <param name="Language">The language model of a path.</param>
/// <param name="Painter">The model of a path that paints.</param>
/// <param name="Masks">The network of a path that makes masks, and who is to be disposed for it.</param>
internal sealed record MethodTools(
    Func<string, ILanguageModel> Language, Func<string, IPainter> Painter, Func<string, (IMaskPredictor Masks, IDisposable Owner)> Masks);
