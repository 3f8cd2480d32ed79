namespace Clouds.Native.Generation.Prompts;

/// <summary>A word for a class.</summary>
/// <param name="Class">The class's name; empty: of none, though it holds a word of one, such as "car park".</param>
/// <param name="Word">One word or several; read in singular and plural.</param>
/// <param name="Spoken">As a sentence has it, for instance "a car"; empty: it is read, never written.</param>
public sealed record ClassWord(string Class, string Word, string Spoken);
