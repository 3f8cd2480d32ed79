namespace Clouds.Runtime.Native;

/// <summary>The compiler's entry points, under its own names and with its own signatures.</summary>
public sealed unsafe partial class Nvrtc
{
    internal readonly delegate* unmanaged<int*, int*, int> nvrtcVersion;
    internal readonly delegate* unmanaged<int*, int> nvrtcGetNumSupportedArchs;
    internal readonly delegate* unmanaged<int*, int> nvrtcGetSupportedArchs;
    internal readonly delegate* unmanaged<nint*, byte*, byte*, int, nint*, nint*, int> nvrtcCreateProgram;
    internal readonly delegate* unmanaged<nint*, int> nvrtcDestroyProgram;
    internal readonly delegate* unmanaged<nint, int, nint*, int> nvrtcCompileProgram;
    internal readonly delegate* unmanaged<nint, nuint*, int> nvrtcGetPTXSize;
    internal readonly delegate* unmanaged<nint, byte*, int> nvrtcGetPTX;
    internal readonly delegate* unmanaged<nint, nuint*, int> nvrtcGetCUBINSize;
    internal readonly delegate* unmanaged<nint, byte*, int> nvrtcGetCUBIN;
    internal readonly delegate* unmanaged<nint, nuint*, int> nvrtcGetProgramLogSize;
    internal readonly delegate* unmanaged<nint, byte*, int> nvrtcGetProgramLog;
    internal readonly delegate* unmanaged<int, nint> nvrtcGetErrorString;

    /// <summary>Fills the table.</summary>
    /// <param name="find">Address of an entry point by name, 0 = none.</param>
    /// <param name="search">How the library was found; its trace goes into messages.</param>
    public Nvrtc(Func<string, nint> find, LibrarySearch search)
    {
        Search = search;
        nvrtcVersion = (delegate* unmanaged<int*, int*, int>)search.Entry(find, "nvrtcVersion");
        nvrtcGetNumSupportedArchs = (delegate* unmanaged<int*, int>)search.Entry(find, "nvrtcGetNumSupportedArchs");
        nvrtcGetSupportedArchs = (delegate* unmanaged<int*, int>)search.Entry(find, "nvrtcGetSupportedArchs");
        nvrtcCreateProgram = (delegate* unmanaged<nint*, byte*, byte*, int, nint*, nint*, int>)search.Entry(find, "nvrtcCreateProgram");
        nvrtcDestroyProgram = (delegate* unmanaged<nint*, int>)search.Entry(find, "nvrtcDestroyProgram");
        nvrtcCompileProgram = (delegate* unmanaged<nint, int, nint*, int>)search.Entry(find, "nvrtcCompileProgram");
        nvrtcGetPTXSize = (delegate* unmanaged<nint, nuint*, int>)search.Entry(find, "nvrtcGetPTXSize");
        nvrtcGetPTX = (delegate* unmanaged<nint, byte*, int>)search.Entry(find, "nvrtcGetPTX");
        nvrtcGetCUBINSize = (delegate* unmanaged<nint, nuint*, int>)search.Entry(find, "nvrtcGetCUBINSize");
        nvrtcGetCUBIN = (delegate* unmanaged<nint, byte*, int>)search.Entry(find, "nvrtcGetCUBIN");
        nvrtcGetProgramLogSize = (delegate* unmanaged<nint, nuint*, int>)search.Entry(find, "nvrtcGetProgramLogSize");
        nvrtcGetProgramLog = (delegate* unmanaged<nint, byte*, int>)search.Entry(find, "nvrtcGetProgramLog");
        nvrtcGetErrorString = (delegate* unmanaged<int, nint>)search.Entry(find, "nvrtcGetErrorString");
    }

    /// <summary>How the library was found.</summary>
    public LibrarySearch Search { get; }
}
